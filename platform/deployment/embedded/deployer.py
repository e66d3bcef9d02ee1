"""Deploys with the embedded engine: into the local region, or nowhere at all (preview only)."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from platformctl.deployment.interface import DeploymentOptions, OnEvent, Outcome
from platformctl.deployment.project import Project, StackConfiguration
from platformctl.engine import Backend
from platformctl.errors import PlatformError, StackNotFoundError
from platformctl.region.client import RegionClient

if TYPE_CHECKING:
    from platformctl.engine import Engine, Result

PARALLEL = 16


class EmbeddedDeployer:
    """One environment under the embedded engine.

    Args:
        project: The Pulumi project.
        stack: The environment's name.
        region: The local region that it lives in; None for an environment in an AWS account,
            which can be previewed against its last known state but not changed.

    Raises:
        StackNotFoundError: There is no such environment.
    """

    def __init__(self, project: Project, stack: str, region: RegionClient | None) -> None:
        self.project = project
        self.name = stack
        self.region = region
        project.stack_file(stack)  # says so when there is none
        self.stack = Backend(project.data / "state").stack(stack)
        self.stack.unlock_ahead()

    def preview(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Show what `up` would do; needs neither network nor a running region."""
        from platformctl.provider import (  # noqa: PLC0415  # as in `_engine`
            local_providers,
            offline_providers,
        )

        providers = offline_providers()
        if self.region is not None and (self.region.running or options.refresh):
            self._start_region()
            providers = local_providers(self.region.endpoint)
        engine = self._engine(providers, options, on_event)
        return _outcome(engine.preview(targets=options.targets, refresh=options.refresh))

    def up(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Start the local region if need be, and deploy into it."""
        with self._region(options) as (chosen, providers):
            engine = self._engine(providers, chosen, on_event)
            return _outcome(
                engine.up(targets=chosen.targets, message=chosen.message, refresh=chosen.refresh)
            )

    def refresh(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Take over into the state what the resources in the local region really are."""
        with self._region(options) as (chosen, providers):
            engine = self._engine(providers, chosen, on_event)
            return _outcome(engine.refresh(targets=chosen.targets, message=chosen.message))

    def destroy(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Delete everything in the local region, which is not started for nothing."""
        if self.region is not None and not self.region.running and self._is_empty():
            return Outcome()
        with self._region(options) as (chosen, providers):
            engine = self._engine(providers, chosen, on_event)
            return _outcome(engine.destroy(targets=chosen.targets, message=chosen.message))

    def outputs(self, *, show_secrets: bool = False) -> Mapping[str, Any]:
        """Return the stack's outputs as of the last operation."""
        return self.stack.outputs(show_secrets=show_secrets)

    def history(self) -> Sequence[Mapping[str, Any]]:
        """Return past operations, newest first."""
        return self.stack.history()

    def export(self) -> dict[str, Any]:
        """Return the checkpoint as `pulumi stack export` prints it."""
        return self.stack.export()

    def import_(self, document: Mapping[str, Any]) -> None:
        """Replace the checkpoint by one that `pulumi stack export` printed."""
        self.stack.import_(document)

    def cancel(self) -> None:
        """Release the lock of an operation that is no longer running."""
        self.stack.cancel()

    def _engine(self, providers: Any, options: DeploymentOptions, on_event: OnEvent) -> "Engine":
        # gRPC and Pulumi take half a second, which reading the state need not wait for.
        from platformctl.engine import Engine  # noqa: PLC0415

        configuration = self._configuration()
        return Engine(
            stack=self.stack,
            project=self.project.name,
            program=self.project.program,
            configuration=configuration.values,
            secret_keys=configuration.secret_keys,
            providers=providers,
            policy_packs=options.policy_packs,
            parallel=options.parallel or PARALLEL,
            on_event=on_event,
            before_change=options.before_change,
        )

    def _is_empty(self) -> bool:
        """Tell whether nothing was deployed, nor begun."""
        try:
            deployment = self.export()["deployment"]
        except StackNotFoundError:
            return True
        return not (deployment.get("resources") or deployment.get("pending_operations"))

    def _configuration(self) -> StackConfiguration:
        """Read the stack file; one that is about a platform is judged before anything starts."""
        configuration = self.project.configuration(self.name)
        # Pydantic takes a tenth of a second, which reading the state need not wait for either.
        from platformctl.config.loader import NAMESPACE, load_file  # noqa: PLC0415

        if self.project.name == NAMESPACE:
            load_file(self.project.stack_file(self.name))
        return configuration

    def _start_region(self) -> RegionClient:
        if self.region is None:
            raise PlatformError(
                f"cannot change {self.name}",
                why="it lives in an AWS account, where the embedded engine changes nothing",
                remedy=f"platformctl up {self.name}   without --offline uses the official engine",
            )
        port = int(os.environ.get("PLATFORMCTL_PORT", "4566"))
        self.region.start(project=self.project.root, port=port)
        return self.region

    @contextmanager
    def _region(self, options: DeploymentOptions) -> Iterator[tuple[DeploymentOptions, Any]]:
        """Have the region running, and refresh first where a crash took what it remembered."""
        self._configuration()
        region = self._start_region()
        lost = bool(region.status().get("emulator_state_lost"))
        chosen = replace(options, refresh=options.refresh or lost)
        from platformctl.provider import local_providers  # noqa: PLC0415  # as in `_engine`

        yield chosen, local_providers(region.endpoint)


def _outcome(result: "Result") -> Outcome:
    return Outcome(
        changes=result.changes,
        outputs=result.outputs,
        duration=result.duration,
        steps=result.steps,
    )
