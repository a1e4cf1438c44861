"""What the function may do: these actions, on these resources, and nothing else."""

from collections.abc import Sequence
from typing import Any


def function_policy(
    table_arn: str, function_name: str, also: Sequence[str] = (), key_arn: str | None = None
) -> dict[str, Any]:
    """The IAM policy of the function's role, with exact ARNs.

    The one wildcard stands for the function's log streams, whose names Lambda makes up. The log
    group itself is in the data stack, so the function need not create it. There is no Scan.
    `also` names further tables, for as long as versions that use them may be live; `key_arn` is the
    customer-managed key of all of them, if they have one.
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
            "Resource": [f"{arn}/index/by_owner" for arn in tables],
        },
        {
            "Sid": "OwnLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"{log_group}:*"],
        },
    ]
    if key_arn:
        # Only as DynamoDB uses it, and for these tables.
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
