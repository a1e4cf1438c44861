"""The backups of infra/templates/data.yaml, and which table it is that serves and is backed up."""

from typing import Any

import pytest

from tools.templates import load, on_aws

TEMPLATE = load("data.yaml")
RESOURCES = TEMPLATE["Resources"]


def chosen(name: str, **conditions: bool) -> dict[str, Any]:
    """A resource's properties when just these conditions hold."""
    found: dict[str, Any] = on_aws(RESOURCES[name]["Properties"], **conditions)
    return found


def vault_in_use(own: bool) -> str:
    return "OwnKeyVault" if own else "Vault"


@pytest.mark.parametrize("own", [False, True])
def test_backups_are_kept_35_days_and_a_year(own: bool) -> None:
    plan = chosen("BackupPlan", OwnKey=own)["BackupPlan"]
    assert plan["BackupPlanRule"] == [
        {
            "RuleName": "daily",
            "TargetBackupVault": {"Ref": vault_in_use(own)},
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "Lifecycle": {"DeleteAfterDays": 35},
        },
        {
            "RuleName": "monthly",
            "TargetBackupVault": {"Ref": vault_in_use(own)},
            "ScheduleExpression": "cron(0 4 1 * ? *)",
            "Lifecycle": {"DeleteAfterDays": 365},
        },
    ]


def test_another_key_is_another_vault() -> None:
    """Both vaults outlive the stack, so neither name may be used again."""
    vault, own = RESOURCES["Vault"], RESOURCES["OwnKeyVault"]
    assert "Condition" not in vault
    assert own["Condition"] == RESOURCES["Key"]["Condition"] == "OwnKey"
    names = [each["Properties"]["BackupVaultName"]["Fn::Sub"] for each in (vault, own)]
    assert "AWS::StackId" in str(names[0][1])
    assert {"Ref": "Key"} in names[1][1]["Id"]["Fn::Select"][1]["Fn::Split"]
    assert "EncryptionKeyArn" not in vault["Properties"]
    assert own["Properties"]["EncryptionKeyArn"] == {"Fn::GetAtt": "Key.Arn"}


TABLE_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Name}"


SELECTION = "${TableInUse}-restored-table"


def in_use(restored: bool, arn: str = TABLE_ARN) -> dict[str, Any]:
    """The ARN of the table that serves."""
    return {"Fn::Sub": [arn, {"Name": {"Ref": "TableInUse" if restored else "ItemsTable"}}]}


@pytest.mark.parametrize("restored", [False, True])
def test_the_table_that_serves_is_backed_up(restored: bool) -> None:
    selection = chosen("BackupSelection", Restored=restored)
    assert selection["BackupPlanId"] == {"Ref": "BackupPlan"}
    assert selection["BackupSelection"] == {
        "SelectionName": {"Fn::Select": [1, {"Fn::Split": ["-restored-", {"Fn::Sub": SELECTION}]}]},
        "IamRoleArn": {"Fn::GetAtt": "BackupRole.Arn"},
        "Resources": [in_use(restored)],
    }


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_backup_role_may_copy_only_the_table(own: bool, restored: bool) -> None:
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
        "Resource": {"Fn::GetAtt": f"{vault_in_use(own)}.BackupVaultArn"},
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
