"""Certificates."""

from platformctl.provider.validation.formats import arn, domain
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    ExactlyOne,
    Follows,
    Length,
    OneOf,
    Pattern,
    Requires,
    Row,
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
KEYS = ("privateKey", "privateKeyWo")
REQUESTED = (
    "certificateAuthorityArn",
    "validationMethod",
    "keyAlgorithm",
    "subjectAlternativeNames",
    "validationOptions",
    "earlyRenewalDuration",
)
"""What is said about a certificate that ACM issues, and not about one that is brought along."""

ROWS = {
    "aws:acm/certificate:Certificate": Row(
        "acm/certificate.go",
        (
            ExactlyOne(("domainName", *KEYS)),
            *(
                AtMostOne((brought, said))
                for brought in (*KEYS, "certificateBody", "certificateChain")
                for said in ("domainName", *REQUESTED)
            ),
            AtMostOne(("validationMethod", "certificateAuthorityArn")),
            AtMostOne(("validationMethod", "earlyRenewalDuration")),
            AtLeastOne(("validationMethod", "certificateAuthorityArn", *KEYS)),
            *(Requires(key, ("certificateBody",)) for key in KEYS),
            Requires("privateKeyWo", ("privateKeyWoVersion",)),
            Follows("certificateAuthorityArn", arn),
            Follows("domainName", domain),
            *(
                Pattern(path, r"\.$", "a domain name without a dot at its end", never=True)
                for path in ("domainName", "subjectAlternativeNames[]")
            ),
            Follows("subjectAlternativeNames[]", domain),
            # The common name of a certificate has no more (RFC 5280).
            Length("domainName", 1, 64),
            Length("subjectAlternativeNames[]", 1, 253),
            OneOf("keyAlgorithm", KEY_ALGORITHMS),
            OneOf("validationMethod", ("DNS", "EMAIL", "HTTP")),
        ),
    ),
    "aws:acm/certificateValidation:CertificateValidation": Row(
        "acm/certificate_validation.go",
        (AtLeastOne(("certificateArn",)), Follows("certificateArn", arn)),
    ),
}
