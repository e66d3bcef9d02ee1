"""`app.yaml`: what an application is, said once for the image, the task definition and the region.

Every folder `apps/<product>/<app>/` with an `app.yaml` is one image with a `command`, or the code
of one Lambda function with a `function`. Its sources are whole folders, copied side by side into
the image's working directory (or the root of the function's code), so that Python finds them.
"""

from functools import cached_property
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from platformctl.errors import ConfigurationError
from platformctl.naming import content


class FunctionEntry(BaseModel):
    """What Lambda calls, and with which interpreter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handler: str = Field(
        description="Module and function that is called, such as `processor.handler.handle`.",
        pattern=r"^[A-Za-z_][A-Za-z0-9_.]*\.[A-Za-z_][A-Za-z0-9_]*$",
    )
    runtime: str = Field(description="Lambda's name of the interpreter.", examples=["python3.13"])


class App(BaseModel):
    """One application as its `app.yaml` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str = Field(
        description="Name of the image and of its ECR repository, such as `analytics-ingestion`.",
        pattern=r"^[a-z0-9][a-z0-9-]*$",
    )
    command: tuple[str, ...] = Field(
        default=(), description="Program and arguments; `python` is the image's interpreter."
    )
    function: FunctionEntry | None = Field(
        default=None, description="The Lambda function that it is, instead of a command."
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

    @model_validator(mode="after")
    def _runs_somehow(self) -> Self:
        """Refuse what is neither a program nor a function, or both."""
        if bool(self.command) == (self.function is not None):
            raise ValueError("exactly one of command and function must be given")
        return self

    @property
    def folders(self) -> list[Path]:
        """The source folders, absolute."""
        return [(self.path.parent / source).resolve() for source in self.sources]

    @cached_property
    def digest(self) -> str:
        """Digest of everything that goes into the image: its tag while it is the current source."""
        return content.digest(self.folders)


def files(app: App) -> dict[str, Path]:
    """Return every file of an application by its path in the image, or in the function's code."""
    return {
        f"{folder.name}/{path.relative_to(folder).as_posix()}": path
        for folder in app.folders
        for path in content.files(folder)
    }


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
