"""File systems are mounted over TLS."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="ecs-efs-in-transit",
    title="File systems are mounted over TLS",
    why="NFS without TLS can be read on the network.",
    fix="set `transit_encryption` of the volume to `ENABLED`",
    severity=MEDIUM,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=one_of("volumes[].efsVolumeConfiguration.transitEncryption", "ENABLED"),
    before={
        "volumes": [
            {
                "name": "data",
                "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "DISABLED"},
            }
        ]
    },
    after={
        "volumes": [
            {
                "name": "data",
                "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"},
            }
        ]
    },
)
