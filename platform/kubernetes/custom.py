"""Schemas of the custom kinds that the platform uses, from their controllers' documentation.

Sources: Secrets Store CSI Driver, "SecretProviderClass"; AWS Load Balancer Controller,
"TargetGroupBinding".
"""

from collections.abc import Mapping
from typing import Any

TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}


def _object(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


def _kind(spec: Mapping[str, Any]) -> dict[str, Any]:
    head = {"apiVersion": TEXT, "kind": TEXT, "metadata": {"type": "object"}}
    return _object({**head, "spec": spec, "status": {"type": "object"}}, "spec")


_SECRET_DATA = _object({"key": TEXT, "objectName": TEXT}, "key", "objectName")
_SECRET_OBJECT = _object(
    {
        "secretName": TEXT,
        "type": TEXT,
        "data": _list(_SECRET_DATA),
        "labels": TEXTS,
        "annotations": TEXTS,
    },
    "secretName",
    "type",
    "data",
)
_SERVICE = _object(
    {"name": TEXT, "port": {"type": ["integer", "string"]}},
    "name",
    "port",
)

SCHEMAS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"): _kind(
        _object(
            {
                "provider": {"enum": ["aws", "azure", "gcp", "vault"]},
                "parameters": TEXTS,
                "secretObjects": _list(_SECRET_OBJECT),
            },
            "provider",
        )
    ),
    ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding"): _kind(
        _object(
            {
                "serviceRef": _SERVICE,
                "targetGroupARN": {"type": "string", "minLength": 1},
                "targetType": {"enum": ["instance", "ip"]},
                "ipAddressType": {"enum": ["ipv4", "ipv6"]},
                "networking": {"type": "object"},
                "nodeSelector": {"type": "object"},
                "vpcID": {"type": "string", "pattern": "^vpc-[0-9a-f]+$"},
                "iamRoleArnToAssume": TEXT,
                "assumeRoleExternalId": TEXT,
                "multiClusterTargetGroup": {"type": "boolean"},
            },
            "serviceRef",
            "targetGroupARN",
        )
    ),
}
"""Version and kind → schema."""
