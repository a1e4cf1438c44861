"""A fake of a data stack, with the calls that `infra.cloudformation.stack` makes.

It has the parameter TableInUse and the outputs that follow from it, as data.yaml has them.
The real template is deployed to the local cloud in tests/e2e.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.clients import client_error

ACCOUNT = "123456789012"
POOL = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_abc"
TEMPLATE = "the deployed template"


def arn(table: str) -> str:
    return f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table}"


class Formation:
    """CloudFormation with one stack. `note` is called with each update."""

    def __init__(self, name: str, own_table: str, note: Callable[[dict[str, Any]], None]) -> None:
        self._name, self._own, self._note = name, own_table, note
        self.table_in_use = ""
        #: Whether an update changes the table. CloudFormation may find no update to perform.
        self.updates = True
        #: The outputs of other stacks, by name.
        self.others: dict[str, dict[str, str]] = {}

    def outputs(self) -> dict[str, str]:
        table = self.table_in_use or self._own
        return {
            "TableName": table,
            "TableArn": arn(table),
            "OwnTableName": self._own,
            "UserPoolArn": POOL,
            "UserPoolId": POOL.rpartition("/")[2],
        }

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if StackName != self._name and StackName not in self.others:
            message = f"Stack with id {StackName} does not exist"
            raise client_error("ValidationError", message)
        values = self.others.get(StackName) or self.outputs()
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in values.items()]
        parameters = [{"ParameterKey": "Backups", "ParameterValue": "false"}]
        status = "UPDATE_COMPLETE"
        return {"Stacks": [{"StackStatus": status, "Outputs": outputs, "Parameters": parameters}]}

    def get_template(self, **_: Any) -> dict[str, Any]:
        return {"TemplateBody": TEMPLATE}

    def get_template_summary(self, **_: Any) -> dict[str, Any]:
        return {"Parameters": [{"ParameterKey": name} for name in ("Backups", "TableInUse")]}

    def update_stack(self, **request: Any) -> dict[str, Any]:
        self._note(request)
        pairs = request["Parameters"]
        parameters = {pair["ParameterKey"]: pair.get("ParameterValue") for pair in pairs}
        if self.table_in_use == parameters["TableInUse"] or not self.updates:
            raise client_error("ValidationError", "No updates are to be performed.")
        self.table_in_use = parameters["TableInUse"] or ""
        return {"StackId": self._name}

    def get_paginator(self, _: str) -> "Formation":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        return iter([{"StackEvents": []}])
