"""The commands that deploy one stack of a stage."""

import argparse
from collections.abc import Callable

from infra.commands.options import add_parameters, add_stage, stacks_of
from infra.stacks.deployment import Stacks


class StackCommand:
    """Deploy the stack `name`. `about` is the command's help."""

    def __init__(
        self, name: str, about: str, deploy: Callable[[Stacks, dict[str, str]], None]
    ) -> None:
        self.__doc__ = about
        self._name = name
        self._deploy = deploy

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_stage(parser)
        add_parameters(parser, self._name)

    def run(self, arguments: argparse.Namespace) -> None:
        self._deploy(stacks_of(arguments), dict(arguments.parameter))


DATA = StackCommand(
    "data",
    "Deploy the table and the user pool, and write the stage's settings.\n\n"
    "The settings are the variables in .chalice/config.json and the policy beside it.",
    Stacks.data,
)
MONITORING = StackCommand("monitoring", "Deploy the alarms and the dashboard.", Stacks.monitoring)
EDGE = StackCommand(
    "edge", "Deploy CloudFront's certificate and firewall in us-east-1.", Stacks.edge
)
SITE = StackCommand("site", "Deploy CloudFront and the bucket of the page.", Stacks.site)
