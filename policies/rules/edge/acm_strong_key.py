"""Certificates have strong keys."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import none_of

RULE = Rule(
    id="acm-strong-key",
    title="Certificates have strong keys",
    why="RSA keys of 1024 bits can be broken.",
    fix="leave `key_algorithm` to Certificate",
    severity=MEDIUM,
    types=("aws:acm/certificate:Certificate",),
    judge=none_of("keyAlgorithm", "RSA_1024"),
    before={"keyAlgorithm": "RSA_1024"},
    after={"keyAlgorithm": "RSA_2048"},
)
