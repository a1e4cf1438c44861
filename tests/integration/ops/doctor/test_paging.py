"""`ops doctor`: subscriptions and alarms."""

import pytest

from tests.integration.ops.case import Case, both, respond
from tests.integration.ops.conftest import TABLE
from tests.integration.ops.doctor.change import alarm, parameter, without
from tests.integration.ops.doctor.conftest import TOPIC, Ward, subscription

ILL: dict[str, Case] = {
    "no monitoring": Case(
        *(without("monitoring"), "bad", "paging"),
        *(
            "no stack items-dev-monitoring watches the stage",
            "infra monitoring --stage dev --parameter ",
        ),
    ),
    "no reader": Case(
        *(respond("sns:ListSubscriptionsByTopic", {"Subscriptions": []}), "bad", "paging"),
        *("no subscription to the alarms' topic", "--parameter AlarmEmail=YOU@EXAMPLE.COM"),
    ),
    "no reader on purpose": Case(
        both(
            respond("sns:ListSubscriptionsByTopic", {"Subscriptions": []}),
            parameter("monitoring", "AlarmEmail", "none"),
        ),
        *("note", "paging", "AlarmEmail is none: no person is paged", "AlarmEmail="),
    ),
    "reader who unsubscribed": Case(
        respond("sns:ListSubscriptionsByTopic", {"Subscriptions": [subscription("Deleted")]}),
        *("bad", "paging", "no subscription to the alarms' topic", "AlarmEmail="),
    ),
    "unconfirmed reader": Case(
        respond(
            "sns:ListSubscriptionsByTopic",
            {"Subscriptions": [subscription("PendingConfirmation")]},
        ),
        *("bad", "paging", "duty@example.com has not followed the link"),
        f"aws sns subscribe --topic-arn {TOPIC} --protocol email --notification-endpoint duty@",
    ),
    "unconfirmed second reader": Case(
        respond(
            "sns:ListSubscriptionsByTopic",
            {"Subscriptions": [subscription("PendingConfirmation"), subscription(f"{TOPIC}:1")]},
        ),
        *("note", "paging", "duty@example.com has not followed the link", "aws sns subscribe"),
    ),
    "alarm on": Case(
        *(alarm("FunctionErrors", StateValue="ALARM", StateReason="3 errors"), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1 is on since 2026-01-28T09:30:00.000Z: 3 errors",
        "follow docs/runbooks/function-errors.md",
    ),
    "window on": Case(
        *(alarm("AvailabilityFastShort", StateValue="ALARM"), "note", "alarms"),
        *("items-dev-monitoring-AvailabilityFastShort-1 is on since", "docs/runbooks/"),
    ),
    "alarm switched off": Case(
        *(alarm("FunctionErrors", ActionsEnabled=False), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1: its actions are switched off",
        "enable-alarm-actions --alarm-names items-dev-monitoring-FunctionErrors-1",
    ),
    "alarm without data": Case(
        *(alarm("FunctionErrors", StateValue="INSUFFICIENT_DATA"), "bad", "alarms"),
        *("items-dev-monitoring-FunctionErrors-1 has no data since 2026-01-28", ""),
    ),
    "alarm deleted": Case(
        *(lambda ward: ward.alarms.pop("FunctionErrors"), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1 is deleted, although its stack has it",
        "docs/on-call.md#a-deleted-alarm",
    ),
    "other table watched": Case(
        *(parameter("monitoring", "TableName", "items-old"), "bad", "watched names"),
        *(f"the alarms watch TableName items-old, but the stage uses {TABLE}", "infra monitoring"),
    ),
    "other API watched": Case(
        *(respond("apigateway:GetRestApi", {"name": "items"}), "bad", "watched names"),
        *("the alarms watch ApiName items-dev, but the stage uses items", "infra monitoring"),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_case_has_its_finding(case: str, ward: Ward) -> None:
    ILL[case].assert_found(ward)
