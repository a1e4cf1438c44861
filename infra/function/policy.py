"""The function's permissions: these actions, on these resources, and no others."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.table import INDEX
from infra.stage import Stage


def function_policy(
    table_arn: str, function_name: str, also: Sequence[str] = (), key_arn: str | None = None
) -> dict[str, Any]:
    """Return the IAM policy of the function's role, with exact ARNs.

    The only wildcard is for the function's log streams, whose names Lambda generates. The log group
    itself is in the data stack, so the function need not create it. There is no Scan.
    `also` names further tables, as long as versions that use them may be live. `key_arn` is the
    customer-managed key of all the tables, if they have one.
    """
    tables = [table_arn, *also]
    _, partition, _, region, account, _ = table_arn.split(":", 5)
    log_group = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{function_name}"
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Items",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
            "Resource": tables,
        },
        {
            "Sid": "ItemsByOwner",
            "Effect": "Allow",
            "Action": ["dynamodb:Query"],
            "Resource": [f"{arn}/index/{INDEX}" for arn in tables],
        },
        {
            "Sid": "OwnLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"{log_group}:*"],
        },
    ]
    if key_arn:
        # The role may use the key only through DynamoDB, and for these tables.
        names = [arn.rpartition("/")[2] for arn in tables]
        used_for = {
            "kms:ViaService": f"dynamodb.{region}.amazonaws.com",
            "kms:EncryptionContext:aws:dynamodb:tableName": names,
        }
        statements.append(
            {
                "Sid": "TableKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": [key_arn],
                "Condition": {"StringEquals": used_for},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def point_at_data(stage: Stage, outputs: Mapping[str, str], also: Sequence[str] = ()) -> None:
    """Point the stage at its data stack: its variables, and a policy with exact ARNs.

    `also` names further tables for the policy to allow (see `function_policy`).
    """
    stage.set_variables(
        {
            "APP_NAME": stage.app_name,
            "TABLE_NAME": outputs["TableName"],
            "USER_POOL_ARN": outputs["UserPoolArn"],
        }
    )
    key = outputs.get("KeyArn")
    policy = function_policy(outputs["TableArn"], stage.function_name, also, key)
    stage.policy_file.write_text(json.dumps(policy, indent=2) + "\n")


def allowed_tables(stage: Stage) -> list[str]:
    """Return the ARNs of the tables that the last written policy allows."""
    if not stage.policy_file.exists():
        return []
    statements = json.loads(stage.policy_file.read_text())["Statement"]
    return [arn for each in statements if each["Sid"] == "Items" for arn in each["Resource"]]
