"""Certificates."""

from platformctl.provider.validation.formats import arn, domain
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    ExactlyOne,
    Follows,
    Length,
    OneOf,
    Row,
    When,
)

KEY_ALGORITHMS = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)
IMPORTED = ("privateKey", "certificateBody")

ROWS = {
    "aws:acm/certificate:Certificate": Row(
        "acm/certificate.go",
        (
            ExactlyOne(("domainName", "privateKey")),
            AtMostOne(("domainName", "certificateBody")),
            AtMostOne(("validationMethod", "privateKey", "certificateAuthorityArn")),
            When("privateKey", (None,), otherwise=True, needs=IMPORTED),
            Follows("domainName", domain),
            Follows("subjectAlternativeNames[]", domain),
            # The common name of a certificate has no more (RFC 5280).
            Length("domainName", 1, 64),
            Length("subjectAlternativeNames[]", 1, 253),
            OneOf("keyAlgorithm", KEY_ALGORITHMS),
            OneOf("validationMethod", ("DNS", "EMAIL")),
        ),
    ),
    "aws:acm/certificateValidation:CertificateValidation": Row(
        "acm/certificate_validation.go",
        (AtLeastOne(("certificateArn",)), Follows("certificateArn", arn)),
    ),
}
