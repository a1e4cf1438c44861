"""What CloudFront takes from us-east-1 only, whatever the stage's region: `edge.yaml`."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.cloudformation.stack import Report, Stack
from infra.permissions.terms import EDGE_REGION
from infra.stage import Stage
from tools.project import PROJECT

TEMPLATE = PROJECT / "infra" / "templates" / "edge.yaml"

#: Makes CloudFormation's client for a region.
ClientOf = Callable[[str], Any]


def _stack(stage: Stage, client_of: ClientOf, report: Report, poll_seconds: float) -> Stack:
    name = f"{stage.function_name()}-edge"
    return Stack(client_of(EDGE_REGION), name, report, poll_seconds=poll_seconds)


def deploy(
    stage: Stage,
    client_of: ClientOf,
    parameters: Mapping[str, str],
    report: Report = print,
    poll_seconds: float = 2.0,
) -> dict[str, str]:
    """Create or update the stage's edge stack; the parameters that the site's stack takes of it."""
    stack = _stack(stage, client_of, report, poll_seconds)
    given = {"FunctionName": stage.function_name(), **parameters}
    return stack.deploy(TEMPLATE.read_text(), given)


def site_parameters(stage: Stage, client_of: ClientOf) -> dict[str, str]:
    """The same of the edge stack as it stands; nothing if the stage has none."""
    return _stack(stage, client_of, print, 2.0).outputs_if_any()
