"""`app.yaml`: what an application is, said once for the image, the task definition and the region.

Every folder `apps/<product>/<app>/` with an `app.yaml` is one image with a `command`, or the code
of one Lambda function with a `function`. Its sources are whole folders, copied side by side into
the image's working directory (or the root of the function's code), so that Python finds them.
"""

import json
from collections.abc import Collection, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal, Self

import jmespath
import yaml
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

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


class SmokeCheck(BaseModel):
    """A request that a new version must answer rightly before anybody else's request reaches it.

    It is sent to production's data, so it must change nothing: reads, and writes that are refused.
    Of a function it is an event, which has a body and nothing else that HTTP has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="What it makes sure of, as the end of a sentence.", min_length=1)
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = Field(
        default="GET", description="Method of the request."
    )
    path: str = Field(
        default="", description="Path and query, on the test listener.", pattern=r"^(/|$)"
    )
    body: dict[str, Any] | None = Field(
        default=None, description="What is sent as JSON; nothing by default."
    )
    status: int = Field(default=200, description="Status of the answer.", ge=200, le=599)
    expect: dict[str, Any] = Field(
        default={}, description="Values that JMESPath expressions must have in the answer's JSON."
    )

    @field_validator("expect")
    @classmethod
    def _can_be_asked(cls, expect: dict[str, Any]) -> dict[str, Any]:
        """Refuse an expression that is none."""
        for expression in expect:
            try:
                jmespath.compile(expression)
            except JMESPathError as error:
                raise ValueError(f"{expression!r} is not a JMESPath expression") from error
        return expect

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return "" if self.body is None else json.dumps(self.body)


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
    smoke: tuple[SmokeCheck, ...] = Field(
        default=(), description="Requests that a new version must answer before it gets traffic."
    )
    depends_on: tuple[str, ...] = Field(
        default=(),
        alias="dependsOn",
        description="Images whose new versions are deployed before this one's.",
    )
    path: Path = Field(description="Where its `app.yaml` is.", exclude=True)

    @model_validator(mode="after")
    def _runs_somehow(self) -> Self:
        """Refuse what is neither a program nor a function, or both."""
        if bool(self.command) == (self.function is not None):
            raise ValueError("exactly one of command and function must be given")
        return self

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        """Refuse smoke checks that are not about what the application is."""
        if self.smoke and self.port is None and self.function is None:
            raise ValueError("smoke needs a port to ask, or a function")
        of_http = {"method", "path", "status"}
        for number, check in enumerate(self.smoke):
            if self.function is None and not check.path:
                raise ValueError(f"smoke.{number} needs a path")
            if self.function is not None and (wrong := of_http & check.model_fields_set):
                raise ValueError(
                    f"smoke.{number} has {min(wrong)}: a function is asked with a body alone"
                )
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
    """Read every `apps/*/*/app.yaml` of a project; the key is the image name.

    Raises:
        ConfigurationError: A file cannot be used, or an application depends on one that is not
            there, or on itself.
    """
    apps = {app.image: app for app in map(load_app, sorted(project.glob("apps/*/*/app.yaml")))}
    for app in apps.values():
        for name in app.depends_on:
            if name not in apps:
                raise ConfigurationError(
                    f"{app.path} is not a valid app.yaml",
                    why=f"dependsOn names {name!r}, which is none of {', '.join(sorted(apps))}",
                )
    in_order(apps, apps)
    return apps


def in_order(apps: Mapping[str, App], images: Collection[str]) -> list[str]:
    """Return images in the order of their deployment: what others depend on comes first.

    Args:
        apps: The applications.
        images: Which of them to order; a dependency that is not among them is not waited for.

    Raises:
        ConfigurationError: Applications depend on each other in a circle.
    """
    graph = {
        image: sorted({name for name in apps[image].depends_on if name in images})
        for image in sorted(images)
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ConfigurationError(
            "applications depend on each other in a circle", why=" → ".join(error.args[1])
        ) from error
