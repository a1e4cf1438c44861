"""Which version of a function is live: the alias, and how to put it back."""

from dataclasses import dataclass
from typing import Any

from infra.errors import NoEarlierVersion

#: What the gateway invokes; it names the version that answers.
ALIAS = "live"


@dataclass(frozen=True)
class Live:
    """The alias of one function. `client` is Lambda's."""

    client: Any
    function_name: str

    def version(self) -> str:
        """The version that answers, apart from what a canary may give to another."""
        alias = self.client.get_alias(FunctionName=self.function_name, Name=ALIAS)
        return str(alias["FunctionVersion"])

    def point_at(self, version: str) -> None:
        """Have this version answer everything."""
        self.client.update_alias(
            FunctionName=self.function_name,
            Name=ALIAS,
            FunctionVersion=version,
            # Without it, what a canary had shifted would stay shifted.
            RoutingConfig={"AdditionalVersionWeights": {}},
        )

    def version_before(self) -> str:
        """The newest published version that is older than the live one.

        Raises `NoEarlierVersion`.
        """
        live = int(self.version())
        earlier = [number for number in self._versions() if number < live]
        if not earlier:
            raise NoEarlierVersion(f"{self.function_name} has no version before {live}")
        return str(max(earlier))

    def _versions(self) -> list[int]:
        pages = self.client.get_paginator("list_versions_by_function").paginate(
            FunctionName=self.function_name
        )
        names = [each["Version"] for page in pages for each in page["Versions"]]
        return [int(name) for name in names if name != "$LATEST"]
