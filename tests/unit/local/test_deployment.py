from typing import Any

import boto3
import pytest

from local.deployment import check_index
from local.home import LocalError
from tests.aws import mock_aws
from tools.templates import create_table, table_properties


def test_table_of_the_template_is_used_on() -> None:
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        create_table(dynamodb, "items")
        check_index(dynamodb, "items")


def test_table_with_another_projection_is_refused() -> None:
    properties: dict[str, Any] = dict(table_properties())
    (index,) = properties["GlobalSecondaryIndexes"]
    older = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name", "price"]}
    properties["GlobalSecondaryIndexes"] = [{**index, "Projection": older}]
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        dynamodb.create_table(TableName="items", **properties)
        with pytest.raises(LocalError, match=r"items projects name, price.*make clean"):
            check_index(dynamodb, "items")
