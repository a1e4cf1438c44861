"""The alias that the gateway invokes, and the version that it names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.errors import Overtaken

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.type_defs import AliasConfigurationResponseTypeDef

#: The gateway invokes the function by this alias.
ALIAS = "live"


@dataclass(frozen=True)
class Live:
    """The alias of one function."""

    client: "LambdaClient"
    function_name: str

    def version(self) -> str:
        """Return the live version, ignoring any canary weight."""
        return self._alias()["FunctionVersion"]

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
            raise Overtaken(self._overtaken_message(alias["FunctionVersion"]))
        # The revision prevents two people from moving the alias at once.
        revision = {"RevisionId": alias["RevisionId"]} if "RevisionId" in alias else {}
        try:
            self.client.update_alias(
                FunctionName=self.function_name,
                Name=ALIAS,
                FunctionVersion=version,
                # Otherwise the weights of a canary would remain.
                RoutingConfig={"AdditionalVersionWeights": {}},
                **revision,
            )
        except self.client.exceptions.PreconditionFailedException as error:
            raise Overtaken(self._overtaken_message(self.version())) from error

    def versions(self) -> set[str]:
        """Return the published versions that exist."""
        pages = self.client.get_paginator("list_versions_by_function").paginate(
            FunctionName=self.function_name
        )
        names = {each["Version"] for page in pages for each in page["Versions"]}
        return names - {"$LATEST"}

    def _alias(self) -> "AliasConfigurationResponseTypeDef":
        return self.client.get_alias(FunctionName=self.function_name, Name=ALIAS)

    def _overtaken_message(self, version: str) -> str:
        return (
            f"another release or rollback has just made version {version} "
            f"of {self.function_name} live"
        )
