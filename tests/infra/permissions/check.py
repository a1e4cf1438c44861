"""The deployer's policies against the demands of a stage."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from infra.permissions import deployer
from tests.infra.permissions.demands import Demand, demands
from tests.infra.permissions.excuses import EXCUSES
from tests.infra.permissions.iam import allows, statements
from tests.infra.permissions.scene import Scene

Policies = Mapping[str, Any]
#: `scene(app, stage, is_full=True)`: a stage as it would be deployed.
Scenes = Callable[..., Scene]

#: The longest names that infra/names.py takes: the application's, and both together.
LONGEST = ("a" * 28, "b" * 3)

NAMES = [
    pytest.param("items", "prod", True, id="items-prod"),
    pytest.param("items", "dev", False, id="items-dev"),  # as the project is configured
    # Between the others in length.
    pytest.param("customer-orders", "production", True, id="usual", marks=pytest.mark.long),
    pytest.param(*LONGEST, True, id="longest"),
]


def policies(scene: Scene) -> Policies:
    """Return all statements of the deployer's policies in one policy."""
    return {"Statement": list(statements(*deployer.policies(scene.place).values()))}


def is_met(demand: Demand, policy: Policies) -> bool:
    return demand.arn is not None and allows(
        policy, demand.action, demand.arn, dict(demand.context)
    )


def missing(scene: Scene, policy: Policies) -> list[str]:
    """Return the demands that the policy denies and no excuse covers."""
    return [
        str(demand)
        for demand in demands(scene.resources)
        if not is_met(demand, policy) and not any(each.excuses(demand) for each in EXCUSES)
    ]
