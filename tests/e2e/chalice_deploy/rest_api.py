"""ImportRestApi and PutRestApi, which the emulator lacks, by calls that it has.

They take the Swagger document that `chalice deploy` sends. They reject unknown parts of the
document. Otherwise the parts would be missing from the API, and the tests would run on another API
than AWS creates from the document.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

Json = Mapping[str, Any]

_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_BINARY = "x-amazon-apigateway-binary-media-types"

# For people and for generated clients. The gateway ignores them.
_REMARKS = {"summary", "description", "consumes"}
_MEMBERS = {
    "document": {"swagger", "info", "schemes", "paths", "definitions", "securityDefinitions"}
    | {_BINARY},
    "operation": {"parameters", "produces", "responses", "security", _INTEGRATION} | _REMARKS,
    "integration": {"type", "uri", "httpMethod", "passthroughBehavior", "contentHandling"}
    | {"requestTemplates", "responses"},
    "answer": {"statusCode", "responseParameters"},
    "response": {"description", "schema", "headers"},
    "scheme": {"in", "type", "name", "x-amazon-apigateway-authtype", _AUTHORIZER},
    "authorizer": {"type", "providerARNs"},
}


class NotTranslated(Exception):
    """The document has an unknown part, which the message names."""


@dataclass(frozen=True)
class RestApis:
    """The emulator's REST APIs. `gateway` is boto3's client "apigateway"."""

    gateway: Any

    def create(self, document: Json, endpoint_type: str) -> str:
        """Create an API from the document, and return its id. Raises `NotTranslated`."""
        _check(document)
        answer = self.gateway.create_rest_api(
            name=document["info"]["title"],
            version=document["info"]["version"],
            binaryMediaTypes=document[_BINARY],
            endpointConfiguration={"types": [endpoint_type]},
        )
        self._define(answer["id"], document)
        return str(answer["id"])

    def overwrite(self, api_id: str, document: Json) -> str:
        """Replace the API with the document, and return its id.

        Raises `NotTranslated`. On AWS the change takes effect with the next deployment of the
        stage. The emulator has no snapshots of an API, so it takes effect at once.
        """
        _check(document)
        api = {"restApiId": api_id}
        if set(self.gateway.get_rest_api(**api)["binaryMediaTypes"]) != set(document[_BINARY]):
            # Media types have slashes, which the emulator takes for steps of a patch's path.
            raise NotTranslated("other binary media types than before")
        wanted = _with_parents(document["paths"])
        # Children first: the emulator leaves them there when their parent goes.
        for path, resource in sorted(self._resources(api_id).items(), reverse=True):
            of_resource = {**api, "resourceId": resource["id"]}
            if path not in wanted:
                self.gateway.delete_resource(**of_resource)
                continue
            for method in resource.get("resourceMethods", {}):
                self.gateway.delete_method(**of_resource, httpMethod=method)
        for authorizer in self.gateway.get_authorizers(**api, limit=500)["items"]:
            self.gateway.delete_authorizer(**api, authorizerId=authorizer["id"])
        self._define(api_id, document)
        return api_id

    def update(self, api_id: str, operations: Iterable[Json]) -> str:
        """Call UpdateRestApi, with replacements for two operations that the emulator misreads."""
        passed_on = []
        for each in operations:
            if each == {"op": "replace", "path": "/minimumCompressionSize", "value": ""}:
                # AWS reads it as no value. The emulator would keep the empty string, and the SDK
                # would fail because it expects a number.
                passed_on.append({"op": "remove", "path": each["path"]})
            elif each["path"] == f"/endpointConfiguration/types/{each['value']}":
                continue  # unchanged, because the emulator would convert the list to an object
            else:
                raise NotTranslated(f"{each['op']} {each['path']}")
        if passed_on:
            self.gateway.update_rest_api(restApiId=api_id, patchOperations=passed_on)
        return api_id

    def _resources(self, api_id: str) -> dict[str, Any]:
        found = self.gateway.get_resources(restApiId=api_id, limit=500, embed=["methods"])
        return {resource["path"]: resource for resource in found["items"]}

    def _define(self, api_id: str, document: Json) -> None:
        """Create all parts of the document in an API without methods and authorizers."""
        authorizers = {
            name: self._authorizer(api_id, name, scheme)
            for name, scheme in document.get("securityDefinitions", {}).items()
        }
        ids = {path: resource["id"] for path, resource in self._resources(api_id).items()}
        for path in sorted(_with_parents(document["paths"]) - set(ids)):  # parents first
            parent, _, part = path.rpartition("/")
            made = self.gateway.create_resource(
                restApiId=api_id, parentId=ids[parent or "/"], pathPart=part
            )
            ids[path] = made["id"]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                of_method = {
                    "restApiId": api_id,
                    "resourceId": ids[path],
                    "httpMethod": method.upper(),
                }
                self._method(of_method, operation, authorizers)
                self._integration(of_method, operation[_INTEGRATION])

    def _authorizer(self, api_id: str, name: str, scheme: Json) -> str:
        made = self.gateway.create_authorizer(
            restApiId=api_id,
            name=name,
            type="COGNITO_USER_POOLS",
            authType=scheme["x-amazon-apigateway-authtype"],
            providerARNs=scheme[_AUTHORIZER]["providerARNs"],
            identitySource=f"method.request.header.{scheme['name']}",
        )
        return str(made["id"])

    def _method(
        self, of_method: dict[str, str], operation: Json, authorizers: Mapping[str, str]
    ) -> None:
        authorization: dict[str, Any] = {"authorizationType": "NONE"}
        for requirement in operation.get("security", []):
            ((name, scopes),) = requirement.items()
            authorization = {
                "authorizationType": "COGNITO_USER_POOLS",
                "authorizerId": authorizers[name],
                "authorizationScopes": scopes,
            }
        self.gateway.put_method(
            **of_method,
            **authorization,
            requestParameters={
                f"method.request.{each['in']}.{each['name']}": each["required"]
                for each in operation.get("parameters", [])
            },
        )
        for status, response in operation["responses"].items():
            model = response["schema"]["$ref"].rpartition("/")[2]
            self.gateway.put_method_response(
                **of_method,
                statusCode=status,
                responseModels=dict.fromkeys(operation["produces"], model),
                responseParameters={
                    f"method.response.header.{name}": False for name in response.get("headers", {})
                },
            )

    def _integration(self, of_method: dict[str, str], integration: Json) -> None:
        optional = {
            "uri": integration.get("uri"),
            "integrationHttpMethod": integration.get("httpMethod"),
            "requestTemplates": integration.get("requestTemplates"),
        }
        self.gateway.put_integration(
            **of_method,
            type=integration["type"].upper(),
            passthroughBehavior=integration["passthroughBehavior"].upper(),
            contentHandling=integration["contentHandling"],
            **{name: value for name, value in optional.items() if value is not None},
        )
        for pattern, answer in integration["responses"].items():
            self.gateway.put_integration_response(
                **of_method,
                statusCode=answer["statusCode"],
                responseParameters=answer.get("responseParameters", {}),
                # The default has no pattern.
                **({} if pattern == "default" else {"selectionPattern": pattern}),
            )


def _with_parents(paths: Iterable[str]) -> set[str]:
    """Return these paths and all paths above them, including the root."""
    steps = (accumulate(path.split("/"), "{}/{}".format) for path in paths)
    return {step or "/" for path in steps for step in path}


def _check(document: Json) -> None:
    """Check the document. Raises `NotTranslated` before any change."""
    _check_members("document", document)
    for scheme in document.get("securityDefinitions", {}).values():
        _check_members("scheme", scheme)
        _check_members("authorizer", scheme.get(_AUTHORIZER, {}))
        if scheme.get("x-amazon-apigateway-authtype") != "cognito_user_pools":
            raise NotTranslated("an authorizer that is not Cognito's")
    for operations in document["paths"].values():
        for operation in operations.values():
            _check_members("operation", operation)
            _check_members("integration", operation[_INTEGRATION])
            for answer in operation[_INTEGRATION]["responses"].values():
                _check_members("answer", answer)
            for response in operation["responses"].values():
                _check_members("response", response)
            if len(operation.get("security", [])) > 1:
                raise NotTranslated("a method with several authorizers")


def _check_members(kind: str, found: Json) -> None:
    unknown = set(found) - _MEMBERS[kind]
    if unknown:
        raise NotTranslated(f"{kind} with {', '.join(sorted(unknown))}")
