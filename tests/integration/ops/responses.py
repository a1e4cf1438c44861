"""Responses of AWS by operation, each checked against botocore's model of the service.

`botocore.stub.Stubber` does the same for calls in a known order. A check-up calls in any order.
"""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from tests.clients import client_error
from tests.integration.ops.conftest import SESSION

#: A response, an error, or a function of the parameters that returns either.
Response = Any


def denied(action: str) -> ClientError:
    """Return the error of a right that the caller lacks. `action` is as in `iam:ListUsers`."""
    message = f"User: alice is not authorized to perform: {action}"
    return failure(action.partition(":")[2], "AccessDenied", message)


def failure(operation: str, code: str, message: str = "") -> ClientError:
    return client_error(code, message, operation)


class Responses(dict[str, Response]):
    """The responses by `service:Operation`. A call without a response is a test's mistake."""

    #: The responses that the shared clients return now.
    current: "Responses"

    def __init__(self, responses: Mapping[str, Response] | None = None) -> None:
        super().__init__(responses or {})
        #: The caller's region.
        self.region = "us-east-1"
        #: The names of the calls, and the regions in which services were called.
        self.called: set[str] = set()
        self.places: set[tuple[str, str]] = set()

    def client(self, service: str, region: str | None = None, /) -> Any:
        """Return a client that gives these responses. Used as an `infra.aws.ClientOf`."""
        Responses.current = self
        self.places.add((service, region or self.region))
        return _create_client(service, region or self.region)

    def respond(self, name: str, model: OperationModel, parameters: Mapping[str, Any]) -> Any:
        self.called.add(name)
        response = self[name]
        if callable(response):
            response = response(**parameters)
        if isinstance(response, ClientError):
            raise response
        if model.output_shape:
            report = ParamValidator().validate(response, model.output_shape)
            assert not report.has_errors(), f"{name}: {report.generate_report()}"
        return SimpleNamespace(status_code=200), response


@cache
def _create_client(service: str, region: str) -> Any:
    """Create a client once for all tests, because reading a service's model takes a while."""
    client = SESSION.client(service, region_name=region)
    parameters: dict[str, Mapping[str, Any]] = {}

    def record(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        parameters[model.name] = params

    def respond(model: OperationModel, **_: Any) -> Any:
        try:
            name = f"{service}:{model.name}"
            return Responses.current.respond(name, model, parameters[model.name])
        except ClientError as error:
            kind = client.exceptions.from_code(error.response["Error"]["Code"])
            raise kind(error.response, error.operation_name) from error

    client.meta.events.register("provide-client-params", record)
    client.meta.events.register("before-call", respond)
    return client
