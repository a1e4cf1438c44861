"""Read CloudFormation templates, whose short tags (`!Ref`) are no plain YAML."""

from typing import Any

import yaml

from infra.stage import PROJECT


class _Loader(yaml.SafeLoader):
    """Turns `!Ref x` into `{"Ref": x}` and any other `!Tag x` into `{"Fn::Tag": x}`."""


def _construct(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct)


def load(name: str) -> dict[str, Any]:
    """A template of `infra/`, by its file's name."""
    template: dict[str, Any] = yaml.load(
        (PROJECT / "infra" / name).read_text(),
        Loader=_Loader,  # noqa: S506 - a subclass of SafeLoader
    )
    return template


def create_table(client: Any, table_name: str) -> None:
    """Create the table that `infra/data.yaml` describes, on any DynamoDB."""
    properties = load("data.yaml")["Resources"]["ItemsTable"]["Properties"]
    wanted = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    client.create_table(TableName=table_name, **{name: properties[name] for name in wanted})
