"""The deployment, as AWS's API and a client of the application see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from local.cloud import Cloud

if TYPE_CHECKING:
    from types_boto3_apigateway.type_defs import AuthorizerTypeDef, MethodResponseExtraTypeDef

FUNCTION = "items-dev"
ROLE = "items-dev-api_handler"


@dataclass(frozen=True)
class Deployed:
    """One REST API that Chalice has deployed."""

    cloud: Cloud
    api_id: str

    def call(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        """Send a request to the API with the access token."""
        url = f"{self.cloud.endpoint}/_aws/execute-api/{self.api_id}/api{path}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= more.pop("headers", {})
        return httpx.request(method, url, headers=headers, timeout=60, **more)

    def methods(self) -> "dict[str, MethodResponseExtraTypeDef]":
        """Return GetMethod's result of each method, by name ("GET /items")."""
        gateway = self.cloud.client("apigateway")
        return {
            f"{method} {resource['path']}": gateway.get_method(
                restApiId=self.api_id, resourceId=resource["id"], httpMethod=method
            )
            for resource in gateway.get_resources(restApiId=self.api_id, limit=500)["items"]
            for method in resource.get("resourceMethods", {})
        }

    def scopes(self) -> dict[str, list[str]]:
        """Return the scopes of each method with an authorizer, which is Cognito's."""
        (authorizer,) = self.authorizers()
        guarded = {}
        for name, method in self.methods().items():
            if method["authorizationType"] != "NONE":
                assert method["authorizationType"] == "COGNITO_USER_POOLS"
                assert method["authorizerId"] == authorizer["id"]
                guarded[name] = method["authorizationScopes"]
        return guarded

    def authorizers(self) -> "list[AuthorizerTypeDef]":
        gateway = self.cloud.client("apigateway")
        return gateway.get_authorizers(restApiId=self.api_id)["items"]

    def account(self) -> dict[str, Any]:
        """Return everything that Chalice creates. An unchanged deployment must keep it."""
        functions, iam = self.cloud.client("lambda"), self.cloud.client("iam")
        gateway = self.cloud.client("apigateway")
        function: Mapping[str, Any] = functions.get_function_configuration(FunctionName=FUNCTION)
        settings = ("CodeSha256", "Environment", "Handler", "MemorySize", "Role", "Timeout")
        return {
            **everything(self.cloud),
            "stages": [s["stageName"] for s in gateway.get_stages(restApiId=self.api_id)["item"]],
            "scopes": self.scopes(),
            "function": {name: function[name] for name in settings},
            "callers": functions.get_policy(FunctionName=FUNCTION)["Policy"],
            "policies": iam.list_role_policies(RoleName=ROLE)["PolicyNames"],
        }


def everything(cloud: Cloud) -> dict[str, list[str]]:
    """Return the existing resources of the kinds that Chalice creates, by kind."""
    apis = cloud.client("apigateway").get_rest_apis()["items"]
    functions = cloud.client("lambda").list_functions()["Functions"]
    roles = cloud.client("iam").list_roles()["Roles"]
    return {
        "apis": [each["id"] for each in apis],
        "functions": [each["FunctionName"] for each in functions],
        "roles": [each["RoleName"] for each in roles],
    }
