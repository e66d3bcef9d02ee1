"""The rules as a CrossGuard policy pack: `pulumi preview --policy-pack policies`.

Nothing may be printed on standard output here: Pulumi reads a port number from it.
"""

from pathlib import Path

from platformctl.policies.analyzer import policy_pack

policy_pack(Path(__file__).parent)
