"""The `route53` service: every operation, the health checkers, and the answers."""

from typing import TYPE_CHECKING

from platformctl.region.services.cloudfront.service import ContentDelivery
from platformctl.region.services.route53.probing import Prober
from platformctl.region.services.route53.query_logs import QueryLogOperations

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


class DomainNames(QueryLogOperations):
    """Route 53 of the local region, one for all region names."""

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.prober = Prober(runtime, self.addresses)
        self.last_alarm_states = {}

    async def start(self) -> None:
        """Begin to probe what is on record, and to resolve names for CloudFront."""
        self.runtime.service(ContentDelivery).locate = self.addresses
        for record in self.checks().values():
            self.prober.follow(record)

    async def stop(self) -> None:
        """End all probing."""
        self.prober.stop()
