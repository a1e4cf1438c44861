"""A fake of the Lambda calls that `ops rightsize` makes.

Parameters are checked against botocore's model of the service. The fake has features that the
emulators lack: an update that takes time, a revision for conditional updates, and a REPORT line at
the end of an invocation's log. (ministack's log has no such line, and moto needs Docker.)
"""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

from botocore.session import get_session
from botocore.validate import ParamValidator

from tests.integration.ops.responses import failure

_MODEL = get_session().get_service_model("lambda")

#: The duration of a warm invocation in ms by memory: CPU time up to one vCPU, and waiting.
Curve = Callable[[int], float]


def bound_by_cpu(memory: int) -> float:
    return 4.0 + 4.0 / min(memory / 1769, 1.0)


def fail_at(
    number: int, operation: str, error: BaseException | type[BaseException]
) -> Callable[[str, Any], None]:
    """Return a hook that fails the call of this number, counted from 1."""
    seen = 0

    def before(name: str, _: Any) -> None:
        nonlocal seen
        seen += name == operation
        if name == operation and seen == number:
            raise error

    return before


class Function:
    """`calls` are all requests. Updates `configured` the memory, invocations `measured` it."""

    def __init__(self, name: str = "items-dev", memory: int = 1024) -> None:
        self.name = name
        self.memory = memory
        self.live: str | None = "3"
        self.live_memory = memory
        self.code = self.live_code = "abc="
        self.curve: Curve = bound_by_cpu
        self.used = 97
        #: The account's maximum of memory.
        self.most = 10_240
        #: Called before each operation with its name and parameters. It may raise.
        self.before: Callable[[str, dict[str, Any]], object] = lambda name, parameters: None
        #: The response's status, by memory, method and number of the invocation.
        self.status: Callable[[int, str, int], int] = lambda memory, method, number: 200
        self.has_report = True
        self.items: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.configured: list[int] = []
        self.measured: list[int] = []
        self.revision = 1
        self._updating = 0
        self._cold = True

    def others_change(self, memory: int | None = None) -> None:
        """Update the function as another person."""
        self.revision += 1
        self.memory = self.memory if memory is None else memory

    def get_alias(self, **parameters: Any) -> dict[str, Any]:
        self._called("GetAlias", parameters)
        if self.live is None:
            raise failure("GetAlias", "ResourceNotFoundException")
        return {"Name": "live", "FunctionVersion": self.live}

    def get_function_configuration(self, **parameters: Any) -> dict[str, Any]:
        self._called("GetFunctionConfiguration", parameters)
        if parameters["FunctionName"] != self.name:
            raise failure("GetFunctionConfiguration", "ResourceNotFoundException")
        if parameters.get("Qualifier", "$LATEST") != "$LATEST":
            assert parameters["Qualifier"] == self.live
            return {"MemorySize": self.live_memory, "CodeSha256": self.live_code}
        updating = self._updating > 0
        self._updating -= updating
        return {
            "MemorySize": self.memory,
            "CodeSha256": self.code,
            "Architectures": ["arm64"],
            "RevisionId": f"{self.revision}{'u' if updating else ''}",
            "LastUpdateStatus": "InProgress" if updating else "Successful",
        }

    def update_function_configuration(self, **parameters: Any) -> dict[str, Any]:
        self._called("UpdateFunctionConfiguration", parameters)
        if self._updating:
            raise failure("UpdateFunctionConfiguration", "ResourceConflictException")
        if parameters.get("RevisionId", str(self.revision)) != str(self.revision):
            raise failure("UpdateFunctionConfiguration", "PreconditionFailedException")
        if parameters["MemorySize"] > self.most:
            raise failure("UpdateFunctionConfiguration", "InvalidParameterValueException")
        self.memory = parameters["MemorySize"]
        self.configured.append(self.memory)
        self.revision += 1
        self._updating, self._cold = 2, True
        return {}

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        self._called("Invoke", parameters)
        assert not self._updating, "invoked before the update was done"
        assert parameters["Qualifier"] == "$LATEST", "a user's version was invoked"
        self.measured.append(self.memory)
        request = json.loads(parameters["Payload"])
        status = self.status(self.memory, request["httpMethod"], len(self.measured))
        if status == 200:
            self._serve(request)
        response: dict[str, Any] = {
            "Payload": io.BytesIO(json.dumps({"statusCode": status}).encode())
        }
        if status == 0:  # killed by a limit of memory or time
            response = {"Payload": io.BytesIO(b'{"errorType": "x"}'), "FunctionError": "Unhandled"}
        return response | {"LogResult": base64.b64encode(self._log().encode()).decode()}

    def invocations(self) -> list[tuple[str, str]]:
        """Return the method and the resource of each invocation."""
        requests = [json.loads(call["Payload"]) for name, call in self.calls if name == "Invoke"]
        return [(request["httpMethod"], request["resource"]) for request in requests]

    def _serve(self, request: Any) -> None:
        assert request["requestContext"]["authorizer"]["claims"]["sub"] == "release-check"
        if request["httpMethod"] == "PUT":
            self.items.add(json.loads(request["body"])["id"])
        if request["httpMethod"] == "DELETE":
            self.items.discard(request["pathParameters"]["id"])

    def _log(self) -> str:
        took = self.curve(self.memory)
        start, self._cold = ("\tInit Duration: 400.00 ms" if self._cold else ""), False
        lines = ["START RequestId: 1-2 Version: $LATEST", "{}", "END RequestId: 1-2"]
        if self.has_report:
            lines.append(
                f"REPORT RequestId: 1-2\tDuration: {took:.2f} ms\tBilled Duration: {took:.0f} ms\t"
                f"Memory Size: {self.memory} MB\tMax Memory Used: {self.used} MB{start}\t"
            )
        return "\n".join([*lines, ""])

    def _called(self, operation: str, parameters: dict[str, Any]) -> None:
        shape = _MODEL.operation_model(operation).input_shape
        assert shape is not None
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()
        self.calls.append((operation, parameters))
        self.before(operation, parameters)
