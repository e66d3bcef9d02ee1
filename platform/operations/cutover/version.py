"""What a side of a service runs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a side runs.

    Attributes:
        release: Name of the release, such as `r7`; "" where none was recorded.
        version: What people call it, such as `1.4.0`.
        task_definition: ARN of its task definition; "" outside ECS.
        function_version: Number of the published version; "" for anything else than a function.
        image: Reference of its image in Kubernetes; "" elsewhere.
        migration_head: Number of the newest migration that its code knows; "" where that is not
            known.
    """

    release: str = ""
    version: str = ""
    task_definition: str = ""
    function_version: str = ""
    image: str = ""
    migration_head: str = ""

    def __str__(self) -> str:
        if self.release and self.version:
            return f"{self.release} ({self.version})"
        return self.release or self.version or "a release that was not recorded"
