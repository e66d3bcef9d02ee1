"""Security policies of HTTPS listeners: which TLS versions and ciphers they allow."""

_TLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
_TLS12 = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
]

DEFAULT = "ELBSecurityPolicy-2016-08"

POLICIES: dict[str, tuple[list[str], list[str]]] = {
    DEFAULT: (["TLSv1.2"], _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-2021-06": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09": (["TLSv1.2", "TLSv1.3"], _TLS13 + _TLS12),
    "ELBSecurityPolicy-TLS13-1-3-2021-06": (["TLSv1.3"], _TLS13),
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09": (["TLSv1.3"], _TLS13),
    "ELBSecurityPolicy-TLS-1-2-2017-01": (["TLSv1.2"], _TLS12),
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": (["TLSv1.2"], _TLS12),
    "ELBSecurityPolicy-FS-1-2-2019-08": (["TLSv1.2"], _TLS12),
    "ELBSecurityPolicy-FS-1-2-Res-2020-10": (["TLSv1.2"], _TLS12),
}
"""Policy → TLS versions, ciphers. Policies that would allow TLS below 1.2 are not offered, and
the default one is taken without its TLS 1.0 and 1.1: the region never speaks those."""
