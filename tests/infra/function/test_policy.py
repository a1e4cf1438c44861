from infra.function.policy import function_policy

TABLE = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/items"
POLICY = function_policy(TABLE, "items-prod")

# A wildcard is allowed only for names that AWS generates: the streams of the function's own log
# group.
ALLOWED_WILDCARDS = {
    "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/items-prod:*",
}


def test_exact_actions_on_exact_resources() -> None:
    granted = {
        action: statement["Resource"]
        for statement in POLICY["Statement"]
        for action in statement["Action"]
    }
    (logs,) = ALLOWED_WILDCARDS
    assert granted == {
        "dynamodb:GetItem": [TABLE],
        "dynamodb:UpdateItem": [TABLE],
        "dynamodb:DeleteItem": [TABLE],
        "dynamodb:Query": [f"{TABLE}/index/by_owner"],
        "logs:CreateLogStream": [logs],
        "logs:PutLogEvents": [logs],
    }


def test_wildcards_only_where_aws_requires_them() -> None:
    for statement in POLICY["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in statement["Action"])
        wild = {resource for resource in statement["Resource"] if "*" in resource}
        assert wild <= ALLOWED_WILDCARDS
