"""Image references: `<registry>/<repository>:<tag>` and `<registry>/<repository>@sha256:…`."""

import re
from dataclasses import dataclass

_ECR = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")


@dataclass(frozen=True)
class ImageReference:
    """What a container definition says about its image.

    Attributes:
        text: The whole reference.
        region: Region of its registry; empty where the registry is none of ECR's.
        repository: Name of its repository; outside of ECR the last part of the path.
        tag: Its tag, `latest` where neither tag nor digest is given.
        digest: Its digest with `sha256:`, empty where the tag decides.
    """

    text: str
    region: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        """Name of the application whose image it is: the last part of the repository."""
        return self.repository.rpartition("/")[2]

    @classmethod
    def parse(cls, text: str) -> "ImageReference":
        """Read a reference; a digest counts more than a tag, as in Docker."""
        path, _, digest = text.partition("@")
        host, _, inner = path.partition("/")
        found = _ECR.fullmatch(host)
        name = inner if found else path.rpartition("/")[2]
        repository, _, tag = name.partition(":")
        region = found[1] if found else ""
        return cls(text, region, repository, tag or ("" if digest else "latest"), digest)
