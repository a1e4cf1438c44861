"""CloudFormation's client for a dry run: what would change a stack is shown instead."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.cloudformation import change_set
from infra.cloudformation.stack import EMPTY, Report

# What only reads; all else is refused, so that nothing new slips through.
_READING = frozenset({"describe_stack_resource", "get_template", "get_template_summary"})
_PAGES = frozenset({"describe_stack_events", "list_stack_resources"})


class Rehearsal:
    """Stands for `client`. A stack that was shown is, from then on, as if it had been deployed.

    `assumed` has the outputs of those that are not there, by the stack's name: others are given
    them as parameters.
    """

    def __init__(
        self,
        client: Any,
        assumed: Mapping[str, Mapping[str, str]],
        report: Report,
        poll_seconds: float = 2.0,
    ) -> None:
        self._client = client
        self._assumed = assumed
        self._report = report
        self._poll_seconds = poll_seconds
        # By name, the status that a deployment would have ended with.
        self._shown: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in _READING:
            raise AttributeError(f"a dry run has no {name}")
        return getattr(self._client, name)

    def get_paginator(self, operation: str) -> Any:
        if operation not in _PAGES:
            raise AttributeError(f"a dry run has no {operation}")
        return self._client.get_paginator(operation)

    def create_stack(self, OnFailure: str, **request: Any) -> dict[str, str]:  # noqa: N803 - AWS's
        return self._show(request, new=True)

    def update_stack(self, **request: Any) -> dict[str, str]:
        return self._show(request, new=False)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        shown = self._shown.get(StackName)
        if shown == "CREATE_COMPLETE":
            assumed = self._assumed.get(StackName, {})
            outputs = [{"OutputKey": key, "OutputValue": assumed[key]} for key in assumed]
            return {"Stacks": [{"StackStatus": shown, "Outputs": outputs}]}
        (found,) = self._client.describe_stacks(StackName=StackName)["Stacks"]
        if found["StackStatus"] == EMPTY:  # what an earlier dry run could not delete
            message = f"Stack with id {StackName} does not exist"
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks"
            )
        return {"Stacks": [{**found, "StackStatus": shown or found["StackStatus"]}]}

    def _show(self, request: Mapping[str, Any], new: bool) -> dict[str, str]:
        name = request["StackName"]
        found = change_set.changes(self._client, request, new, self._report, self._poll_seconds)
        what = f"would be {'made' if new else 'changed'}:" if found else "no changes"
        self._report(f"{name}: {what}")
        for each in found:
            self._report(f"  {each}")
        self._shown[name] = "CREATE_COMPLETE" if new else "UPDATE_COMPLETE"
        return {"StackId": name}
