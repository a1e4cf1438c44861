"""Change the memory of a function's `$LATEST` for a while, and restore it.

Users call the alias `live`, which names a published version, and versions do not change. So users
are not affected unless a release runs meanwhile. That release would publish the memory that
`$LATEST` has at that moment. Each change therefore fails if another caller has changed the function
(`RevisionId`).
"""

from types import TracebackType
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.function.alias import Live
from infra.stage import Stage
from ops.errors import OpsError, Refused
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

LATEST = "$LATEST"
_POLL_SECONDS = 1
_PATIENCE_SECONDS = 300
_CHANGED = (
    "the function was changed meanwhile; if this was a release, its version may have "
    "a size that was only being tried: release again"
)


class SizeNotAllowed(Exception):
    """The account may not have this much memory. The message is AWS's."""


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def check_unused(stage: Stage, tools: Tools) -> "FunctionConfigurationResponseTypeDef":
    """Return the function's configuration, after a check that no caller uses `$LATEST`.

    Raises `Refused` if a caller uses it or may use it, or if there is no function.
    """
    name = stage.function_name
    client = tools.client("lambda")
    if stage.deployed_rest_api():
        raise Refused(
            f"chalice deploy made stage {stage.name}, whose users are on {LATEST}: their requests "
            "would get each size in turn. Give REPORT lines from its log instead (--reports)"
        )
    try:
        found = client.get_function_configuration(FunctionName=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        raise Refused(f"there is no function {name}") from error
    try:
        version = Live(client, name).version()
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        raise Refused(
            f"{name} has no alias live, so who uses it may be on {LATEST}; "
            f"release it first: make release STAGE={stage.name}"
        ) from error
    if version == LATEST:
        raise Refused(f"the alias live of {name} is on {LATEST}, which its users therefore call")
    live = client.get_function_configuration(FunctionName=name, Qualifier=version)
    if live["CodeSha256"] != found["CodeSha256"]:
        tools.report(f"note: version {version} is live, and {LATEST} has other code than that")
    if live["MemorySize"] != found["MemorySize"]:
        tools.report(
            f"note: {LATEST} has {found['MemorySize']} MB, the live version {version} has "
            f"{live['MemorySize']}: perhaps an earlier run was killed before it put that back"
        )
    return found


class Memory:
    """The function's memory. On exit it is set to `original` MB again, even after an error."""

    def __init__(self, tools: Tools, name: str, original: int) -> None:
        self._tools = tools
        self._client = tools.client("lambda")
        self._name = name
        self._original = original
        self._asked: list[int] = []
        #: The function's revision after our last change, "" while it is unknown.
        self._revision = ""

    def __enter__(self) -> "Memory":
        self._revision = self._wait_until_settled()["RevisionId"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._put_back()
        except (KeyboardInterrupt, OpsError, ClientError, BotoCoreError) as failed:
            raise OpsError(
                f"{str(failed) or 'interrupted'}; {LATEST} of {self._name} may not have its "
                f"{self._original} MB again. First run: {self.command()}"
            ) from failed

    def command(self) -> str:
        """Return the command that restores the memory by hand."""
        return (
            f"aws lambda update-function-configuration --function-name {self._name} "
            f"--memory-size {self._original}"
        )

    def give(self, size: int) -> None:
        """Set the memory to `size` MB.

        Raises `SizeNotAllowed`, or `OpsError` if another caller has changed the function.
        """
        revision, self._revision = self._revision, ""
        self._asked.append(size)
        try:
            self._client.update_function_configuration(
                FunctionName=self._name, MemorySize=size, RevisionId=revision
            )
        except ClientError as error:
            self._revision = revision
            if code_of(error) == "PreconditionFailedException":
                raise OpsError(f"{self._name}: {_CHANGED}") from error
            if code_of(error) == "InvalidParameterValueException":
                raise SizeNotAllowed(str(error)) from error
            raise
        self._revision = self._require_success()["RevisionId"]

    def _put_back(self) -> None:
        found = self._wait_until_settled()
        if self._revision not in ("", found["RevisionId"]):
            self._tools.report(f"{self._name}: {_CHANGED}")
        if found["MemorySize"] == self._original:
            return
        if found["MemorySize"] not in self._asked:
            self._tools.report(
                f"{self._name}: left with {found['MemorySize']} MB, which others set"
            )
            return
        self._client.update_function_configuration(
            FunctionName=self._name, MemorySize=self._original
        )
        self._require_success()
        self._tools.report(f"{self._name}: {LATEST} has {self._original} MB again")

    def _require_success(self) -> "FunctionConfigurationResponseTypeDef":
        found = self._wait_until_settled()
        if found.get("LastUpdateStatus") == "Failed":
            reason = found.get("LastUpdateStatusReason")
            raise OpsError(f"the update of {self._name} failed: {reason}")
        return found

    def _wait_until_settled(self) -> "FunctionConfigurationResponseTypeDef":
        """Return the configuration when no update of it is in progress. Raises `OpsError`."""
        begun = self._tools.now()
        while True:
            found = self._client.get_function_configuration(FunctionName=self._name)
            if found.get("LastUpdateStatus") != "InProgress":
                return found
            if (self._tools.now() - begun).total_seconds() > _PATIENCE_SECONDS:
                raise OpsError(f"the update of {self._name} does not come to an end")
            self._tools.sleep(_POLL_SECONDS)
