"""What `up` does last: services run what their stack was deployed with."""

from platformctl.cli.commands.deploy import deploy_waiting
from platformctl.cli.runtime import Runtime
from platformctl.cli.views.terminal import talk
from platformctl.operations.cutover.begin import Wishes, at_once
from platformctl.operations.services.counts import follow_counts


def scale(runtime: Runtime, environment: str) -> None:
    """Give services as many tasks as their stack says, where nothing else decides."""
    follow_counts(runtime.services(environment), runtime.clients(environment))


def roll_out(runtime: Runtime, environment: str, *, as_json: bool) -> None:
    """Let services run what their stack was deployed with, or say which of them do not.

    In a local region it is done at once; elsewhere a person decides when.

    Raises:
        PlatformError: A service could not start; the one before goes on.
    """
    services = [each for each in runtime.services(environment) if each.two_sided]
    if not services:
        return
    deployments = runtime.deployments(environment)
    local = runtime.is_local(environment)
    if local:
        for service in services:
            deployments.maker.adopt(service)
    behind = [each.name for each in services if deployments.maker.behind(each)]
    if behind and local:
        # Nobody else is behind a person's own load balancers.
        timing = at_once(deployments.timing, bake_seconds=0, keep_warm_seconds=0)
        why = f"platformctl up {environment}"
        deploy_waiting(runtime, environment, Wishes(timing=timing), as_json=as_json, message=why)
    elif behind:
        talk().print(f"  not deployed yet: {', '.join(behind)}", highlight=False)
        talk().print(f"  → platformctl deploy {environment} --all", highlight=False)
