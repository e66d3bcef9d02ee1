"""The composition root: what a command needs, made once and only when asked for."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.deployment.project import Project, find_project

if TYPE_CHECKING:
    from platformctl.config.cutover import CutoverConfig
    from platformctl.cost.resources import Plan
    from platformctl.deployment.advice import Advice, Adviser
    from platformctl.deployment.choose import Previewer
    from platformctl.deployment.interface import Deployer, Outcome
    from platformctl.operations.bootstrap.target import Target
    from platformctl.operations.console import OperationsConsole
    from platformctl.operations.cutover.deployment import Deployments
    from platformctl.operations.flags.find import FlagSet
    from platformctl.operations.load.places import Connect
    from platformctl.operations.migration.find import Migrator
    from platformctl.operations.queues.find import DeadLetterQueue
    from platformctl.operations.releases.make import Maker
    from platformctl.operations.services.model import Service
    from platformctl.operations.status.report import StatusReport
    from platformctl.policies.report import Report
    from platformctl.region.client import RegionClient


class Runtime:
    """Everything commands share, for the project in a folder.

    Args:
        directory: Where to look for the project; the current folder by default.
        rehearsed: The environment to rehearse in a local region of its own; None to mean every
            environment where it really is.
        most: Most tasks of a service in a rehearsal; None for as many as in reality.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        rehearsed: str | None = None,
        most: int | None = None,
    ) -> None:
        self.directory = (directory or Path.cwd()).resolve()
        self.rehearsed = rehearsed
        self.most = most
        self._checkpoints: dict[str, Mapping[str, Any]] = {}
        self._clients: dict[str, Callable[[str, str], Any]] = {}

    @cached_property
    def project(self) -> Project:
        """The project that the folder belongs to."""
        project = find_project(self.directory)
        if self.rehearsed is None:
            return project

        from platformctl.deployment.rehearsal import Rehearsal

        return Rehearsal(project.root, self.rehearsed, self.most)

    @cached_property
    def region(self) -> "RegionClient":
        """The project's local region, running or not."""
        from platformctl.region.client import RegionClient

        return RegionClient(self.project.data / "region")

    def deployer(self, environment: str, *, offline: bool = False) -> "Deployer":
        """Return what deploys an environment; `offline` means without the official engine.

        Raises:
            ConfigurationError: The stack file is wrong; names every mistake in it.
            StackNotFoundError: There is no such environment.
        """
        from platformctl.deployment import choose

        return choose.deployer(self.project, environment, self.region, offline=offline)

    def checkpoint(self, environment: str) -> Mapping[str, Any]:
        """Return what was deployed, as `pulumi stack export` prints it.

        It is read once until it is forgotten: for an account that is a call of Pulumi's CLI.

        Raises:
            StackNotFoundError: There is no such environment.
        """
        if environment not in self._checkpoints:
            self._checkpoints[environment] = self.deployer(environment).export()
        return self._checkpoints[environment]

    def forget_checkpoint(self, environment: str) -> None:
        """Forget what was deployed, as it may have changed."""
        self._checkpoints.pop(environment, None)

    def previewer(self, environment: str, *, offline: bool = False) -> "Previewer":
        """Return what previews an environment, and why it is not what deploys it."""
        from platformctl.deployment import choose

        return choose.previewer(self.project, environment, self.region, offline=offline)

    def advisers(self) -> "Sequence[Adviser]":
        """Return who looks at a proposed change, in the order of their sections."""
        from platformctl.cli import advisers
        from platformctl.deployment.advice import losses

        return (
            losses,
            partial(advisers.cost, self.project),
            partial(advisers.policies, self.project),
        )

    def settled_policies(self, environment: str) -> "Advice | None":
        """Return what the policies refuse in what an environment is now; None if nothing."""
        from platformctl.cli import advisers

        return advisers.settled_policies(self.project, environment, self.checkpoint(environment))

    def prepare_program(self, environment: str, *, offline: bool = False) -> None:
        """Start the program's interpreter already, while the engine is still being imported.

        Does nothing where the official engine is going to run the program.
        """
        from platformctl.deployment.pulumi.installation import is_installed

        if not (offline or self.is_local(environment) or not is_installed()):
            return
        from platformctl.engine.program import interpreter

        interpreter.prepare(self.project.program, self.project.data / "modules.txt")

    def clients(self, environment: str) -> Callable[[str, str], Any]:
        """Return what makes the boto3 clients of an environment, each once: (service, region)."""
        if environment not in self._clients:
            from platformctl.deployment import choose

            self._clients[environment] = choose.clients(self.project, environment, self.region)
        return self._clients[environment]

    def client(self, environment: str, service: str) -> Any:
        """Return a boto3 client for an environment, in its primary region."""
        return self.clients(environment)(service, self.aws_region(environment))

    def connect(self, environment: str) -> "Connect":
        """Return what makes HTTP clients for the URLs of an environment."""
        if not self.is_local(environment):
            from platformctl.operations.load.traffic import Client

            return Client

        from platformctl.operations.load import places

        authorities = self.region.environment()["SSL_CERT_FILE"]
        return places.local(partial(self.client, environment, "route53"), authorities)

    def is_operated(self, environment: str) -> bool:
        """Tell whether there can be operations on an environment, by what was deployed."""
        from platformctl.operations.console import is_operated

        return is_operated(self.checkpoint(environment), self.project.name, environment)

    def console(self, environment: str) -> "OperationsConsole":
        """Return what operations on an environment are run and looked at with.

        Raises:
            StackNotFoundError: There is no such environment.
        """
        from platformctl.operations.console import OperationsConsole

        return OperationsConsole(
            project=self.project.name,
            environment=environment,
            region=self.aws_region(environment),
            clients=self.clients(environment),
            connect=self.connect(environment),
        )

    def services(self, environment: str) -> "list[Service]":
        """Return the services of an environment, by what was deployed."""
        from platformctl.operations.services.find import find_services

        return find_services(self.checkpoint(environment))

    def maker(self, environment: str) -> "Maker":
        """Return what makes releases; of sources as well, where the images stay on this machine."""
        from platformctl.operations.releases.make import Maker
        from platformctl.operations.releases.store import Releases

        console = self.console(environment)
        return Maker(
            clients=console.clients,
            releases=Releases(console.table),
            actor=console.actor(),
            root=self.project.root,
            push=self._push if self.is_local(environment) else None,
            migrators=self.migrators(environment),
        )

    def timing(self, environment: str) -> "CutoverConfig":
        """Return how an environment's cutovers go, unless the command says otherwise."""
        from platformctl.config.cutover import CutoverConfig

        text = self.project.plain_values(environment).get(f"{self.project.name}:cutover", "{}")
        return CutoverConfig.model_validate(json.loads(text))

    def judge(self, environment: str) -> None:
        """Judge a stack file as `up` does, so that nothing new is begun by one with mistakes.

        Raises:
            ConfigurationError: It has some.
        """
        from platformctl.config.loader import NAMESPACE, load_file

        if self.project.name == NAMESPACE:
            load_file(self.project.stack_file(environment))

    def deployments(self, environment: str) -> "Deployments":
        """Return what deploys releases into an environment."""
        from platformctl.operations.cutover.deployment import Deployments

        return Deployments(
            environment=environment,
            table=self.console(environment).table,
            maker=self.maker(environment),
            timing=self.timing(environment),
        )

    def ordered(self, services: "Sequence[Service]") -> "list[Service]":
        """Return services in the order of their deployment: what others depend on comes first."""
        from platformctl.config.app import in_order, load_apps

        apps = load_apps(self.project.root)
        images = {service.repository for service in services} & apps.keys()
        places = {image: place for place, image in enumerate(in_order(apps, images))}
        return sorted(services, key=lambda each: (places.get(each.repository, -1), each.name))

    def _push(self, source: Path, service: "Service") -> str:
        return self.region.push(source, service.repository, region=service.region).digest

    def is_local(self, environment: str) -> bool:
        """Tell whether an environment lives in the local region."""
        return self.project.is_local(environment)

    def offline_preview(self, environment: str) -> "Outcome":
        """Preview an environment on the embedded engine, with neither network nor account."""
        self.prepare_program(environment, offline=True)
        deployer = self.deployer(environment, offline=True)

        from platformctl.cli.views.deployment import tell_diagnostic
        from platformctl.deployment.interface import DeploymentOptions

        return deployer.preview(DeploymentOptions(), tell_diagnostic)

    def planned(self, environment: str) -> "Plan":
        """Return what an environment would consist of, by its program alone."""
        from platformctl.cost.resources import planned

        return planned(self.offline_preview(environment).steps)

    def is_production(self, environment: str) -> bool:
        """Tell whether an environment is production, where nothing is done unasked."""
        kind = self.project.kind(environment)
        return kind == "production" and not self.is_local(environment)

    def products(self, environment: str) -> list[str]:
        """Name the products of an environment."""
        values = self.project.plain_values(environment)
        return json.loads(values.get(f"{self.project.name}:products", "[]"))

    def sampled_products(self, environment: str) -> list[str]:
        """Name the products of an environment that have sample events."""
        apps = self.project.root / "apps"
        named = self.products(environment)
        return [product for product in named if (apps / product / "load.yaml").is_file()]

    def aws_region(self, environment: str) -> str:
        """Return the AWS region that an environment's stack file names."""
        values = self.project.plain_values(environment)
        return values.get("aws:region") or values.get(f"{self.project.name}:region", "us-east-1")

    def policy_report(
        self, environment: str, *, against: Path | None = None, baseline: Path | None = None
    ) -> "Report":
        """Judge an environment, or a file that an engine printed, by the policies.

        Args:
            environment: Whose program, levels and figures apply.
            against: A preview or checkpoint to judge instead of the program.
            baseline: An earlier report, whose findings do not count.
        """
        from platformctl.operations.policy import checking

        if against is None:
            report = checking.check_environment(self.project, environment)
        else:
            document = checking.read_document(against)
            report = checking.check_document(document, str(against), environment, self.directory)
        if baseline is None:
            return report
        return checking.with_baseline(report, checking.read_document(baseline))

    def bootstrap_target(self, environment: str, repository: str | None) -> "Target":
        """Return what a bootstrap of an environment is about, in the account in use."""
        from platformctl.operations.bootstrap.target import Target

        values = self.project.plain_values(environment)
        caller = self.client(environment, "sts").get_caller_identity()
        return Target(
            project=self.project.name,
            environment=environment,
            account=caller["Account"],
            region=self.aws_region(environment),
            recovery_region=values.get(f"{self.project.name}:recoveryRegion"),
            repository=repository,
        )

    def dead_letter_queues(self, environment: str) -> "list[DeadLetterQueue]":
        """Return the dead-letter queues of an environment."""
        from platformctl.operations.queues.find import dead_letter_queues

        return dead_letter_queues(self.checkpoint(environment))

    def migrators(self, environment: str) -> "list[Migrator]":
        """Return what migrates the databases of an environment."""
        from platformctl.operations.migration.find import find_migrators

        return find_migrators(self.checkpoint(environment), self.aws_region(environment))

    def flag_sets(self, environment: str) -> "list[FlagSet]":
        """Return which products of an environment have flags."""
        from platformctl.operations.flags.find import flag_sets

        return flag_sets(self.checkpoint(environment), self.aws_region(environment))

    def status(self, environment: str) -> "StatusReport":
        """Ask every part of an environment how it is doing."""
        # It derives the key of the state, which takes as long as what comes before the checkpoint
        # and needs no Python.
        self.deployer(environment)
        from platformctl.operations.status.report import read_status

        table = self.console(environment).table
        return read_status(
            environment,
            self.checkpoint(environment),
            self.clients(environment),
            region=self.aws_region(environment),
            table=table,
        )
