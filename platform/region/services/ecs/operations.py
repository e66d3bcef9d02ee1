"""What all operations of ECS work with."""

from typing import TYPE_CHECKING, ClassVar

from platformctl.region.services.base import Service
from platformctl.region.services.ecs.fleet import Fleet
from platformctl.region.services.ecs.records import Records

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


class Operations(Service):
    """Operations change records and tell the fleet to look at them."""

    name: ClassVar[str] = "ecs"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.records = Records(runtime)
        self.fleet = Fleet(runtime, self.records)
