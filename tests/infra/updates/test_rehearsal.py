"""The rehearsal sees the faults that it is there for, each put into a template."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.updates.conftest import update
from tests.infra.updates.rehearsal import Account
from tools.templates import load

Change = Callable[[dict[str, Any]], object]
Steps = list[dict[str, str]]


def changed(part: str, change: Change) -> dict[str, Any]:
    template = copy.deepcopy(load(f"{part}.yaml"))
    change(template["Resources"])
    return template


def refusals(part: str, change: Change, steps: Steps) -> str:
    """Deploy the changed template with each step's parameters in turn."""
    account, template = Account(), changed(part, change)
    found = [update(account, part, template, each) for each in steps]
    assert found[0] == [], "the first deployment is one into an empty account"
    return "; ".join(each for step in found for each in step)


def named_by_stack(resources: dict[str, Any]) -> None:
    """Put the vaults into one, with a name by the stack, as long as there are backups."""
    one = json.loads(json.dumps(resources).replace("OwnKeyVault", "Vault"))
    vault = copy.deepcopy(resources["Vault"])
    name = vault["Properties"]["BackupVaultName"]["Fn::Sub"]
    name[0], name[1]["Key"] = "${FunctionName}-${Id}-${Key}", {"Fn::If": ["OwnKey", "own", "aws"]}
    key = {"Fn::If": ["OwnKey", {"Fn::GetAtt": "Key.Arn"}, {"Ref": "AWS::NoValue"}]}
    vault["Properties"]["EncryptionKeyArn"] = key
    resources.clear()
    resources.update({**one, "Vault": {**vault, "Condition": "BackedUp"}})


def unretained(resources: dict[str, Any]) -> None:
    resources["Vault"].update(DeletionPolicy="Delete", Condition="BackedUp")


def selection(resources: dict[str, Any]) -> None:
    chosen = resources["BackupSelection"]["Properties"]["BackupSelection"]
    chosen["SelectionName"] = {"Fn::If": ["Restored", "restored-table", "table"]}


def budget(resources: dict[str, Any]) -> None:
    resources["Budget"]["Properties"]["Budget"]["BudgetName"] = {"Ref": "AWS::StackName"}


def table_name(resources: dict[str, Any]) -> None:
    resources["ItemsTable"]["Properties"]["TableName"] = {"Fn::Sub": "x${LogRetentionDays}"}


TABLES = [{"TableInUse": f"items-prod-data-A-restored-{n}"} for n in (1, 2)]
BUDGETS = [{"MonthlyBudgetUsd": "9", "BudgetEmail": f"{n}@example.com"} for n in (1, 2)]
OWN_KEY = {"CustomerManagedKey": "true"}


@pytest.mark.parametrize(
    ("part", "change", "steps", "why"),
    [
        ("data", named_by_stack, [{}, {"Backups": "false"}, {}], "Vault: .* is taken"),
        ("data", named_by_stack, [{}, OWN_KEY, {}], "Vault: .* is taken"),
        ("data", named_by_stack, [{}, OWN_KEY], "Vault: its data would be replaced"),
        ("data", unretained, [{}, {"Backups": "false"}], "Vault: its data would be deleted"),
        ("data", selection, [{}, *TABLES], "BackupSelection: .* is taken"),
        ("monitoring", budget, BUDGETS, "Budget: .* is taken"),
        ("data", table_name, [{}, {"LogRetentionDays": "60"}], "ItemsTable: its data would be"),
    ],
)
def test_fault_put_back_is_seen(part: str, change: Change, steps: Steps, why: str) -> None:
    assert re.search(why, refusals(part, change, steps))
    assert refusals(part, lambda _: None, steps) == ""


def release(change: Change) -> str:
    """Update the data stack from its template to a changed one."""
    account = Account()
    assert update(account, "data", load("data.yaml"), {}) == []
    return "; ".join(update(account, "data", changed("data", change), {}))


def index(resources: dict[str, Any]) -> Any:
    return resources["ItemsTable"]["Properties"]["GlobalSecondaryIndexes"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: index(r)[0]["Projection"]["NonKeyAttributes"].append("color"), "Projection"),
        (lambda r: index(r)[0].update(KeySchema=[]), "KeySchema"),
        (lambda r: index(r)[0].update(IndexName="other"), "more than one index"),
        (lambda r: r["ItemsTable"]["Properties"].update(KeySchema=[]), "would be replaced"),
        (lambda r: r["UserPool"]["Properties"].update(UsernameAttributes=[]), "cannot be changed"),
        (lambda r: r["UserPool"].update(Type="AWS::SNS::Topic"), "data would be replaced"),
        (lambda r: r.update(Renamed=r.pop("LoginDomain")), "Renamed: .* is taken"),
    ],
)
def test_change_that_aws_refuses_is_seen(change: Change, why: str) -> None:
    assert re.search(why, release(change))


def test_further_index_is_allowed() -> None:
    def add(resources: dict[str, Any]) -> None:
        index(resources).append({**index(resources)[0], "IndexName": "by_name"})

    assert release(add) == ""


def test_new_id_replaces_what_names_it() -> None:
    """A new topic is a new subscription, although no name of the subscription has changed."""
    account = Account()
    given = {"AlarmEmail": "a@example.com"}
    assert update(account, "monitoring", load("monitoring.yaml"), given) == []

    def rename(resources: dict[str, Any]) -> None:
        resources["Topic"]["Properties"] = {"FifoTopic": False}

    assert update(account, "monitoring", changed("monitoring", rename), given) == []
    assert account.outcome["Topic"] == account.outcome["Subscription"] == "replaced"
    assert account.outcome["TopicPolicy"] == "updated"
