"""What AWS and its official provider refuse before anything is created, as data.

Two sources judge the inputs of a resource. `constraints.json` is derived from botocore's models:
enumerations, patterns, lengths, ranges. The tables under `services/` hold what the official
provider's own schema says beyond that (what excludes what, what needs what, formats, names) and
what AWS's documentation says about its limits; each row names the upstream file it follows.
"""

from platformctl.provider.validation.judge import judge, row, sources
from platformctl.provider.validation.rules import Row

__all__ = ["Row", "judge", "row", "sources"]
