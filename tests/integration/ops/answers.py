"""Answers of AWS by operation, each checked against botocore's model of the service.

`botocore.stub.Stubber` does the same for calls in a known order. A check-up calls in any order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

#: A response, an error, or a function of the parameters that returns either.
Answer = Any


def denied(action: str) -> ClientError:
    """Return the error of a right that the caller lacks. `action` is as in `iam:ListUsers`."""
    service, _, operation = action.partition(":")
    message = f"User: alice is not authorized to perform: {service}:{operation}"
    return ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, operation)


def failure(operation: str, code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Answers(dict[str, Answer]):
    """The answers by `service:Operation`. An operation without one is a test's mistake."""

    def client(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `ClientOf` whose clients give these answers. `create` creates real clients."""
        clients: dict[tuple[str, str | None], Any] = {}

        def client(service: str, region: str | None = None, /) -> Any:
            if (service, region) not in clients:
                made = create(service, region_name=region) if region else create(service)
                made.meta.events.register(
                    "before-call",
                    lambda model, params, **_: self._answer(service, model, params),
                )
                made.meta.events.register(
                    "provide-client-params",
                    lambda params, model, **_: self._asked.__setitem__(model.name, params),
                )
                clients[service, region] = made
            return clients[service, region]

        self._asked: dict[str, Mapping[str, Any]] = {}
        return client

    def _answer(self, service: str, model: OperationModel, _: Any) -> Any:
        name = f"{service}:{model.name}"
        answer = self.get(name)
        assert answer is not None, f"no answer for {name}"
        if callable(answer):
            answer = answer(**self._asked[model.name])
        if isinstance(answer, ClientError):
            raise answer
        if model.output_shape:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), f"{name}: {report.generate_report()}"
        response = {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}
        return type("Response", (), {"status_code": 200})(), response
