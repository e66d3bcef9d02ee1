"""Certificates."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)
from platformctl.provider.tags import on_create

CERTIFICATE = {"CertificateArn": "{id}"}


def _create(context: Context) -> Any:
    """Ask for a certificate, or import the one that is given."""
    body = context.inputs.get("certificateBody")
    if not body:
        only = (
            "domainName",
            "subjectAlternativeNames",
            "validationMethod",
            "validationOptions",
            "options",
            "certificateAuthorityArn",
            "keyAlgorithm",
        )
        return context.send(Send("request_certificate", only=only), **on_create(context))
    chain = context.inputs.get("certificateChain")
    parts = {"Certificate": body, "PrivateKey": context.inputs["privateKey"]}
    parts |= {"CertificateChain": chain} if chain else {}
    encoded = {member: text.encode() for member, text in parts.items()}
    return context.call("import_certificate", **encoded, **on_create(context))


SPECS = (
    ResourceSpec(
        type="aws:acm/certificate:Certificate",
        service="acm",
        identity=assigned("CertificateArn"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=Ask("describe_certificate", CERTIFICATE, "Certificate"),
        updates=(Update(Send("update_certificate_options", CERTIFICATE, only=("options",))),),
        delete=Ask("delete_certificate", CERTIFICATE),
        names={"validationOptions": "DomainValidationOptions"},
        reads={
            "domainValidationOptions": "DomainValidationOptions[].{domainName: DomainName, "
            "resourceRecordName: ResourceRecord.Name, resourceRecordType: ResourceRecord.Type, "
            "resourceRecordValue: ResourceRecord.Value}",
            "validationMethod": "DomainValidationOptions[0].ValidationMethod",
        },
        unread=(
            "subjectAlternativeNames",
            "validationMethod",
            "validationOptions",
            "keyAlgorithm",
            "options",
        ),
        outputs={"arn": "{id}"},
        handled=(
            "domainName",
            "subjectAlternativeNames",
            "validationMethod",
            "validationOptions",
            "certificateAuthorityArn",
            "certificateBody",
            "certificateChain",
            "keyAlgorithm",
            "privateKey",
        ),
        replace=(
            "domainName",
            "subjectAlternativeNames",
            "validationMethod",
            "validationOptions",
            "certificateAuthorityArn",
            "certificateBody",
            "certificateChain",
            "keyAlgorithm",
            "privateKey",
        ),
        no_local_effect=("earlyRenewalDuration", "privateKeyWo", "privateKeyWoVersion"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="add_tags_to_certificate",
            remove="remove_tags_from_certificate",
            resource=CERTIFICATE,
            read=Ask("list_tags_for_certificate", CERTIFICATE, "Tags"),
            keys_member="Tags",
        ),
        created=Waiter("Status", ("ISSUED", "PENDING_VALIDATION"), ("FAILED",)),
        find=Find(Ask("list_certificates", {}, "CertificateSummaryList"), ("domainName",)),
        note="issued at once; balancers serve a certificate of the region's own authority",
    ),
    ResourceSpec(
        type="aws:acm/certificateValidation:CertificateValidation",
        service="acm",
        identity=parameter("certificateArn"),
        fidelity=Fidelity.API,
        read=Ask("describe_certificate", CERTIFICATE, "Certificate"),
        unread=("validationRecordFqdns",),
        handled=("certificateArn", "validationRecordFqdns"),
        replace=("certificateArn", "validationRecordFqdns"),
        created=Waiter("Status", ("ISSUED",), ("FAILED", "VALIDATION_TIMED_OUT")),
        note="waits until the certificate is issued",
    ),
)
