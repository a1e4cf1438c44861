"""Check that somebody is paged, and that the alarms exist, are on and watch the live stage."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from infra.cloudformation.stack import Stack
from infra.stacks.deployment import Stacks
from infra.stacks.monitoring import NOBODY
from ops.checks.remedies import deploy
from ops.findings import Finding
from ops.recovery import text_of
from ops.tools import Tools
from ops.usage import rest_api_id

_TYPES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
_SILENCE = timedelta(days=1)


def check_subscriptions(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    name, command = "paging", deploy(stacks, "monitoring", AlarmEmail="YOU@EXAMPLE.COM")
    monitoring = stacks.stack("monitoring")
    topic = monitoring.outputs_if_any().get("TopicArn")
    if not topic:
        found = f"there is no stack {monitoring.name}, so nothing watches the stage"
        yield Finding("bad", name, found, command)
        return
    pages = tools.client("sns").get_paginator("list_subscriptions_by_topic")
    readers = [each for page in pages.paginate(TopicArn=topic) for each in page["Subscriptions"]]
    confirmed = [each for each in readers if each["SubscriptionArn"].startswith("arn:")]
    pending = [each for each in readers if each["SubscriptionArn"] == "PendingConfirmation"]
    for each in pending:
        yield Finding(
            "note" if confirmed else "bad",
            name,
            f"{each['Endpoint']} has not followed the link in AWS's mail; this sends it again",
            f"aws sns subscribe --topic-arn {topic} --protocol {each['Protocol']} "
            f"--notification-endpoint {each['Endpoint']}",
        )
    if confirmed:
        endpoints = ", ".join(each["Endpoint"] for each in confirmed)
        yield Finding("ok", name, f"alarms are sent to {endpoints}")
    elif not pending:
        chosen = monitoring.parameters().get("AlarmEmail") == NOBODY
        found = f"AlarmEmail is {NOBODY}" if chosen else "no subscription to the alarms' topic"
        yield Finding("note" if chosen else "bad", name, f"{found}: nobody is paged", command)


def check_alarms(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    expected = [*_alarms_of(stacks.stack("monitoring")), *_alarms_of(stacks.stack("api"))]
    if not expected:
        yield Finding("bad", "alarms", "the stage has none", deploy(stacks, "monitoring"))
        return
    paginator = tools.client("cloudwatch").get_paginator("describe_alarms")
    alarms: dict[str, dict[str, Any]] = {}
    # AWS accepts 100 names, and a stage has a quarter of that.
    for page in paginator.paginate(
        AlarmNames=expected, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    ):
        found: list[Any] = [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
        alarms.update({each["AlarmName"]: each for each in found})
    findings = [
        Finding(
            "bad",
            "alarms",
            f"{each} is deleted, although its stack has it",
            "follow docs/on-call.md#a-deleted-alarm",
        )
        for each in expected
        if each not in alarms
    ]
    for each in alarms.values():
        findings += _examine(each, tools)
    yield from findings
    if not findings:
        yield Finding("ok", "alarms", f"{len(alarms)} exist, are on and are calm")


def _alarms_of(stack: Stack) -> list[str]:
    if not stack.exists():
        return []
    pages = stack.client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    return [
        each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        # CloudFormation also lists resources that an update has deleted: an older canary's alarm.
        if each["ResourceType"] in _TYPES and not each["ResourceStatus"].startswith("DELETE_")
    ]


def _examine(alarm: dict[str, Any], tools: Tools) -> Iterator[Finding]:
    name, actions = alarm["AlarmName"], alarm.get("AlarmActions")
    if actions and not alarm["ActionsEnabled"]:
        command = f"aws cloudwatch enable-alarm-actions --alarm-names {name}"
        yield Finding("bad", "alarms", f"{name}: its actions are switched off", command)
    since = alarm.get("StateTransitionedTimestamp", alarm["StateUpdatedTimestamp"])
    if alarm["StateValue"] == "ALARM":
        found = f"{name} is on since {text_of(since)}: {alarm['StateReason']}"
        runbook = re.search(r"docs/runbooks/\S+", alarm.get("AlarmDescription", ""))
        do = f"follow {runbook[0]}" if runbook else ""
        # An alarm without actions is one window of an objective, and pages only with the other.
        yield Finding("bad" if actions else "note", "alarms", found, do)
    elif alarm["StateValue"] == "INSUFFICIENT_DATA" and tools.now() - since > _SILENCE:
        found = f"{name} has no data since {text_of(since)}, so it cannot go off"
        yield Finding(
            "bad", "alarms", found, "compare the dimensions of its metrics with the names in use"
        )


def check_watched(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Compare the names in the alarms with the names of the stage's table and API."""
    parameters = stacks.stack("monitoring").parameters()
    if not parameters:  # `check_subscriptions` reports it
        return
    serving = {"TableName": stacks.outputs("data").get("TableName", "")}
    api = rest_api_id(stacks.stage, stacks.outputs("api"))
    if api:
        serving["ApiName"] = tools.client("apigateway").get_rest_api(restApiId=api)["name"]
    for parameter, value in serving.items():
        watched = parameters.get(parameter, "")
        if watched == value:
            yield Finding("ok", "alarms", f"they watch {parameter} {value}")
        else:
            found = f"they watch {parameter} {watched}, and the stage uses {value}"
            yield Finding("bad", "alarms", found, deploy(stacks, "monitoring"))
