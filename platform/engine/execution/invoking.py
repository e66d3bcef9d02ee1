"""Answers the program's questions (data sources)."""

from platformctl.engine import urn as urns
from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.gate import Gate
from platformctl.engine.execution.providers import Providers
from platformctl.errors import PlatformError
from platformctl.plugin.provider import ResourceOperationError
from platformctl.plugin.values import Properties


class Invoking:
    """Hands questions to the provider that can answer them."""

    def __init__(self, context: Context, providers: Providers, gate: Gate) -> None:
        self._context = context
        self._providers = providers
        self._gate = gate

    def invoke(
        self, token: str, arguments: Properties, reference: str, version: str, url: str
    ) -> Properties:
        """Answer a question.

        Args:
            token: Its name, such as `aws:index/getRegion:getRegion`.
            arguments: Its arguments; may contain secrets.
            reference: The explicit provider, or "" for the default one.
            version: Version of the package, "" for any.
            url: Where the plugin comes from, "" for the usual place.

        Raises:
            ResourceOperationError: It cannot be answered.
            StoppedError: The deployment has stopped.
        """
        with self._gate.work():
            try:
                package = urns.package_of(token)
                reference = reference or self._providers.default(package, version, url)
                provider = self._providers.at(reference)
            except PlatformError as error:
                raise ResourceOperationError(str(error)) from error
            plain = boundary.plain(arguments, self._context.program)
            with self._gate.place():
                return provider.invoke(token, plain, preview=self._context.preview)
