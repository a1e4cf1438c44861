"""The alias that the gateway invokes, and the version that it names."""

from dataclasses import dataclass
from typing import Any

from infra.errors import Overtaken

#: The gateway invokes the function by this alias.
ALIAS = "live"


@dataclass(frozen=True)
class Live:
    """The alias of one function. `client` is Lambda's."""

    client: Any
    function_name: str

    def version(self) -> str:
        """Return the live version, ignoring any canary weight."""
        return str(self._alias()["FunctionVersion"])

    def version_if_any(self) -> str:
        """Return the live version, "" before the first release."""
        try:
            return self.version()
        except self.client.exceptions.ResourceNotFoundException:
            return ""

    def point_at(self, version: str, instead_of: str = "") -> None:
        """Route all requests to `version`.

        Raises `Overtaken` if the alias is not, or is no longer, at `instead_of`.
        """
        alias = self._alias()
        if instead_of and alias["FunctionVersion"] != instead_of:
            raise Overtaken(self._moved(alias["FunctionVersion"]))
        # The revision keeps two people from moving it at once.
        revision = {"RevisionId": alias["RevisionId"]} if "RevisionId" in alias else {}
        try:
            self.client.update_alias(
                FunctionName=self.function_name,
                Name=ALIAS,
                FunctionVersion=version,
                # Otherwise the weights of a canary would stay.
                RoutingConfig={"AdditionalVersionWeights": {}},
                **revision,
            )
        except self.client.exceptions.PreconditionFailedException as error:
            raise Overtaken(self._moved(self.version())) from error

    def versions(self) -> set[str]:
        """Return the published versions that exist."""
        pages = self.client.get_paginator("list_versions_by_function").paginate(
            FunctionName=self.function_name
        )
        names = {str(each["Version"]) for page in pages for each in page["Versions"]}
        return names - {"$LATEST"}

    def _alias(self) -> dict[str, Any]:
        alias: dict[str, Any] = self.client.get_alias(FunctionName=self.function_name, Name=ALIAS)
        return alias

    def _moved(self, version: str) -> str:
        return f"somebody else has just made version {version} of {self.function_name} live"
