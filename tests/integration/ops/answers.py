"""Answers of AWS by operation, each checked against botocore's model of the service.

`botocore.stub.Stubber` does the same for calls in a known order. A check-up calls in any order.
"""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from tests.integration.ops.conftest import SESSION

#: A response, an error, or a function of the parameters that returns either.
Answer = Any


def denied(action: str) -> ClientError:
    """Return the error of a right that the caller lacks. `action` is as in `iam:ListUsers`."""
    message = f"User: alice is not authorized to perform: {action}"
    return failure(action.partition(":")[2], "AccessDenied", message)


def failure(operation: str, code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Answers(dict[str, Answer]):
    """The answers by `service:Operation`. A call without one is a test's mistake."""

    #: Those that the shared clients give now.
    current: "Answers"

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        super().__init__(answers or {})
        #: The caller's region.
        self.region = "us-east-1"
        #: The names of the calls, and the regions in which services were called.
        self.called: set[str] = set()
        self.places: set[tuple[str, str]] = set()

    def client(self, service: str, region: str | None = None, /) -> Any:
        """Return a client that gives these answers. Used as an `infra.aws.ClientOf`."""
        Answers.current = self
        self.places.add((service, region or self.region))
        return _create_client(service, region or self.region)

    def answer(self, name: str, model: OperationModel, parameters: Mapping[str, Any]) -> Any:
        self.called.add(name)
        answer = self[name]
        if callable(answer):
            answer = answer(**parameters)
        if isinstance(answer, ClientError):
            raise answer
        if model.output_shape:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), f"{name}: {report.generate_report()}"
        return SimpleNamespace(status_code=200), answer


@cache
def _create_client(service: str, region: str) -> Any:
    """Create a client once for all tests, because reading a service's model takes a while."""
    client = SESSION.client(service, region_name=region)
    asked: dict[str, Mapping[str, Any]] = {}

    def note(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        asked[model.name] = params

    def answer(model: OperationModel, **_: Any) -> Any:
        try:
            return Answers.current.answer(f"{service}:{model.name}", model, asked[model.name])
        except ClientError as error:
            kind = client.exceptions.from_code(error.response["Error"]["Code"])
            raise kind(error.response, error.operation_name) from error

    client.meta.events.register("provide-client-params", note)
    client.meta.events.register("before-call", answer)
    return client
