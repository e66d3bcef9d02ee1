"""Keys and their aliases."""

from platformctl.provider.validation.formats import resource_policy
from platformctl.provider.validation.rules import (
    AtMostOne,
    Follows,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

ROWS = {
    "aws:kms/key:Key": Row(
        "kms/key.go",
        (
            Length("description", 0, 8192),
            Length("policy", 1, 32_768),
            Follows("policy", resource_policy),
            OneOf(
                "keyUsage",
                ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
            ),
            Range("deletionWindowInDays", 7, 30),
            Range("rotationPeriodInDays", 90, 2560),
            When("enableKeyRotation", (True,), otherwise=True, excludes=("rotationPeriodInDays",)),
            Requires("xksKeyId", ("customKeyStoreId",)),
            Length("customKeyStoreId", 1, 22),
            When(
                "customerMasterKeySpec",
                ("SYMMETRIC_DEFAULT", None),
                otherwise=True,
                excludes=("rotationPeriodInDays",),
            ),
        ),
    ),
    "aws:kms/alias:Alias": Row(
        "kms/alias.go",
        (
            AtMostOne(("name", "namePrefix")),
            Length("name", 1, 256),
            Pattern(
                "namePrefix", r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "alias/ and a name, not of aws/"
            ),
            Pattern("name", r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "alias/ and a name, not of aws/"),
        ),
    ),
}
