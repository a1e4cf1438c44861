"""Read CloudFormation templates, whose short tags (`!Ref`) are no plain YAML."""

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from tools.project import PROJECT

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class _Loader(yaml.CSafeLoader):  # the C parser takes a tenth of the time
    """Turns `!Ref x` into `{"Ref": x}` and any other `!Tag x` into `{"Fn::Tag": x}`."""


def _construct(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct)

_NOTHING = {"Ref": "AWS::NoValue"}


def load(name: str) -> dict[str, Any]:
    """Return a template of `infra/templates/`, by its file's name."""
    template: dict[str, Any] = yaml.load(
        (PROJECT / "infra" / "templates" / name).read_text(),
        Loader=_Loader,  # noqa: S506 - a subclass of SafeLoader
    )
    return template


def on_aws(value: Any, **chosen: bool) -> Any:
    """Return a part of a template with its conditions resolved. Unnamed conditions are false."""
    if isinstance(value, dict):
        if value.keys() == {"Fn::If"}:
            condition, then, otherwise = value["Fn::If"]
            return on_aws(then if chosen.get(condition) else otherwise, **chosen)
        members = {key: on_aws(each, **chosen) for key, each in value.items()}
        return {key: each for key, each in members.items() if each != _NOTHING}
    if isinstance(value, list):
        return [each for each in (on_aws(each, **chosen) for each in value) if each != _NOTHING]
    return value


@cache  # reading the template takes far longer than creating the table in moto
def table_properties() -> dict[str, Any]:
    """Return keys and indexes of the table of `data.yaml`. The caller must not change them."""
    properties = on_aws(load("data.yaml")["Resources"]["ItemsTable"]["Properties"])
    names = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    return {name: properties[name] for name in names}


def create_table(client: "DynamoDBClient", table_name: str) -> None:
    """Create the table that `infra/templates/data.yaml` describes, on any DynamoDB."""
    client.create_table(TableName=table_name, **table_properties())
