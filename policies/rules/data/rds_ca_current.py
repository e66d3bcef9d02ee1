"""Databases have a certificate of a current authority."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import none_of

RULE = Rule(
    id="rds-ca-current",
    title="Databases have a certificate of a current authority",
    why="The certificates of 2019 expired in 2024.",
    fix="leave `ca_cert_identifier` unset",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:rds/instance:Instance",),
    judge=none_of("caCertIdentifier", "rds-ca-2015", "rds-ca-2019"),
    before={"caCertIdentifier": "rds-ca-2019"},
    after={"caCertIdentifier": "rds-ca-rsa2048-g1"},
)
