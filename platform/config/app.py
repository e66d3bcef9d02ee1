"""`app.yaml`: what an application is, said once for the image, the task definition and the region.

Every folder `apps/<product>/<app>/` with an `app.yaml` is one image. Its sources are whole
folders, copied side by side into the image's working directory, so that `python -m <folder>`
finds them.
"""

from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from platformctl.errors import ConfigurationError
from platformctl.naming import content


class App(BaseModel):
    """One application as its `app.yaml` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str = Field(
        description="Name of the image and of its ECR repository, such as `analytics-ingestion`.",
        pattern=r"^[a-z0-9][a-z0-9-]*$",
    )
    command: tuple[str, ...] = Field(
        description="Program and arguments; `python` is the image's interpreter.", min_length=1
    )
    port: int | None = Field(
        default=None,
        description="Port it serves HTTP on (`PORT` in its environment); none for static files.",
        ge=1,
        le=65535,
    )
    sources: tuple[str, ...] = Field(
        default=(".",),
        description="Folders of the image, relative to `app.yaml`; `.` is its own.",
        min_length=1,
    )
    health_check: tuple[str, ...] = Field(
        default=(),
        alias="healthCheck",
        description="Command that exits 0 while the application is healthy.",
    )
    stop_timeout: int = Field(
        default=30,
        alias="stopTimeout",
        description="Seconds between SIGTERM and SIGKILL.",
        ge=1,
        le=120,
    )
    path: Path = Field(description="Where its `app.yaml` is.", exclude=True)

    @property
    def folders(self) -> list[Path]:
        """The source folders, absolute."""
        return [(self.path.parent / source).resolve() for source in self.sources]

    @cached_property
    def digest(self) -> str:
        """Digest of everything that goes into the image: its tag while it is the current source."""
        return content.digest(self.folders)


def load_app(path: Path) -> App:
    """Read one `app.yaml`.

    Raises:
        ConfigurationError: The file cannot be read or has wrong or unknown keys.
    """
    try:
        document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        return App.model_validate({**document, "path": path})
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise ConfigurationError(f"cannot read {path}", why=str(error)) from error
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()
        )
        raise ConfigurationError(f"{path} is not a valid app.yaml", why=mistakes) from error


def load_apps(project: Path) -> dict[str, App]:
    """Read every `apps/*/*/app.yaml` of a project; the key is the image name."""
    return {app.image: app for app in map(load_app, sorted(project.glob("apps/*/*/app.yaml")))}
