"""The backups of infra/templates/data.yaml, and which table it is that serves and is backed up."""

from typing import Any

import pytest

from tests.templates import load, on_aws

TEMPLATE = load("data.yaml")
RESOURCES = TEMPLATE["Resources"]


def chosen(name: str, **conditions: bool) -> dict[str, Any]:
    """A resource's properties when just these conditions hold."""
    found: dict[str, Any] = on_aws(RESOURCES[name]["Properties"], **conditions)
    return found


def test_backups_are_kept_for_35_days_and_for_a_year() -> None:
    plan = chosen("BackupPlan")["BackupPlan"]
    assert plan["BackupPlanRule"] == [
        {
            "RuleName": "daily",
            "TargetBackupVault": {"Ref": "Vault"},
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "Lifecycle": {"DeleteAfterDays": 35},
        },
        {
            "RuleName": "monthly",
            "TargetBackupVault": {"Ref": "Vault"},
            "ScheduleExpression": "cron(0 4 1 * ? *)",
            "Lifecycle": {"DeleteAfterDays": 365},
        },
    ]


@pytest.mark.parametrize("own", [False, True])
def test_another_key_is_another_vault(own: bool) -> None:
    vault = chosen("Vault", OwnKey=own)
    name, parts = vault["BackupVaultName"]["Fn::Sub"]
    assert name == "${FunctionName}-${Id}-${Key}"
    assert parts["Key"] == ("own-key" if own else "aws-key")
    # A part of the stack's id: a vault that was retained is not in the way of a new stack's.
    assert "AWS::StackId" in str(parts["Id"])
    assert vault.get("EncryptionKeyArn") == ({"Fn::GetAtt": "Key.Arn"} if own else None)


TABLE_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Name}"


def in_use(restored: bool, arn: str = TABLE_ARN) -> dict[str, Any]:
    """The ARN of the table that serves."""
    return {"Fn::Sub": [arn, {"Name": {"Ref": "TableInUse" if restored else "ItemsTable"}}]}


@pytest.mark.parametrize("restored", [False, True])
def test_the_table_that_serves_is_backed_up(restored: bool) -> None:
    selection = chosen("BackupSelection", Restored=restored)
    assert selection["BackupPlanId"] == {"Ref": "BackupPlan"}
    assert selection["BackupSelection"] == {
        "SelectionName": "restored-table" if restored else "table",
        "IamRoleArn": {"Fn::GetAtt": "BackupRole.Arn"},
        "Resources": [in_use(restored)],
    }


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_the_backup_service_may_copy_that_table_and_no_more(own: bool, restored: bool) -> None:
    role = chosen("BackupRole", OwnKey=own, Restored=restored)
    assert set(role) == {"AssumeRolePolicyDocument", "Policies"}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    (policy,) = role["Policies"]
    table, vault, *key = policy["PolicyDocument"]["Statement"]
    actions = [
        *("DescribeTable", "ListTagsOfResource", "CreateBackup", "StartAwsBackupJob"),
        *("DescribeBackup", "DeleteBackup"),
    ]
    assert table == {
        "Effect": "Allow",
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": [in_use(restored), in_use(restored, f"{TABLE_ARN}/backup/*")],
    }
    assert vault == {
        "Effect": "Allow",
        "Action": ["backup:DescribeBackupVault"],
        "Resource": {"Fn::GetAtt": "Vault.BackupVaultArn"},
    }
    uses = ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"]
    through = {"Effect": "Allow", "Action": uses, "Resource": {"Fn::GetAtt": "Key.Arn"}}
    assert key == ([through] if own else [])


@pytest.mark.parametrize("restored", [False, True])
def test_the_outputs_name_the_table_that_serves(restored: bool) -> None:
    outputs = on_aws(TEMPLATE["Outputs"], Restored=restored)
    assert outputs["TableName"]["Value"] == {"Ref": "TableInUse" if restored else "ItemsTable"}
    assert outputs["TableArn"]["Value"] == in_use(restored)
    assert outputs["OwnTableName"]["Value"] == {"Ref": "ItemsTable"}
    assert outputs["KeyArn"] == {"Condition": "OwnKey", "Value": {"Fn::GetAtt": "Key.Arn"}}
