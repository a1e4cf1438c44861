"""A plan's faults underneath a client, where they take no time."""

from typing import Any

from tests.faults.plan import Plan
from tests.integration.network import LOST, REFUSED, UNDELIVERED, Fault, Network

FAULTS = (*LOST, *UNDELIVERED, *REFUSED)


class PlannedNetwork(Network):
    """The connections of one client, whose faults are the plan's."""

    def __init__(self, client: Any, plan: Plan[Fault]) -> None:
        super().__init__(client)
        self._plan = plan

    def next_fault(self, operation: str) -> Fault | None:
        return self._plan.next(operation)
