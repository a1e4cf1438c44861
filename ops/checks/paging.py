"""Check that a person is paged, and that the alarms exist, are on and watch the live stage."""

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
_DELETED = "follow docs/on-call.md#a-deleted-alarm"


def check_subscriptions(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    monitoring, subscribe = stacks.stack("monitoring"), "aws sns subscribe --topic-arn"
    command = deploy(stacks, "monitoring", AlarmEmail="YOU@EXAMPLE.COM")
    topic = monitoring.outputs_if_any().get("TopicArn")
    if not topic:
        yield Finding("bad", f"no stack {monitoring.name} watches the stage", command)
        return
    pages = tools.client("sns").get_paginator("list_subscriptions_by_topic")
    readers = list(pages.paginate(TopicArn=topic).search("Subscriptions"))
    confirmed = [each for each in readers if each["SubscriptionArn"].startswith("arn:")]
    pending = [each for each in readers if each["SubscriptionArn"] == "PendingConfirmation"]
    for each in pending:
        protocol, reader = each["Protocol"], each["Endpoint"]
        found = f"{reader} has not followed the link in AWS's mail; this sends it again"
        do = f"{subscribe} {topic} --protocol {protocol} --notification-endpoint {reader}"
        yield Finding("note" if confirmed else "bad", found, do)
    if confirmed:
        yield Finding(
            "ok", f"alarms are sent to {', '.join(each['Endpoint'] for each in confirmed)}"
        )
    elif not pending:
        chosen = monitoring.parameters().get("AlarmEmail") == NOBODY
        found = f"AlarmEmail is {NOBODY}" if chosen else "no subscription to the alarms' topic"
        yield Finding("note" if chosen else "bad", f"{found}: no person is paged", command)


def check_alarms(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    expected = [*_list_alarms(stacks.stack("monitoring")), *_list_alarms(stacks.stack("api"))]
    if not expected:
        yield Finding("bad", "the stage has none", deploy(stacks, "monitoring"))
        return
    # AWS accepts 100 names, and a stage has a quarter of that.
    pages = tools.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNames=expected, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = {
        each["AlarmName"]: each
        for each in found.search("[MetricAlarms, CompositeAlarms][][] | [?@]")
    }
    findings = [
        Finding("bad", f"{name} is deleted, although its stack has it", _DELETED)
        for name in expected
        if name not in alarms
    ]
    for each in alarms.values():
        findings += _examine(each, tools)
    yield from findings or [Finding("ok", f"{len(alarms)} exist, are on and are calm")]


def _list_alarms(stack: Stack) -> list[str]:
    if not stack.exists():
        return []
    pages = stack.client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    return [
        each["PhysicalResourceId"]
        for each in pages.search("StackResourceSummaries")
        # CloudFormation also lists resources that an update has deleted: an older canary's alarm.
        if each["ResourceType"] in _TYPES and not each["ResourceStatus"].startswith("DELETE_")
    ]


def _examine(alarm: dict[str, Any], tools: Tools) -> Iterator[Finding]:
    name, actions = alarm["AlarmName"], alarm.get("AlarmActions")
    if actions and not alarm["ActionsEnabled"]:
        command = f"aws cloudwatch enable-alarm-actions --alarm-names {name}"
        yield Finding("bad", f"{name}: its actions are switched off", command)
    since = alarm.get("StateTransitionedTimestamp", alarm["StateUpdatedTimestamp"])
    if alarm["StateValue"] == "ALARM":
        found = f"{name} is on since {text_of(since)}: {alarm['StateReason']}"
        runbook = re.search(r"docs/runbooks/\S+", alarm.get("AlarmDescription", ""))
        do = f"follow {runbook[0]}" if runbook else ""
        # An alarm without actions is one window of an objective, and pages only with the other.
        yield Finding("bad" if actions else "note", found, do)
    elif alarm["StateValue"] == "INSUFFICIENT_DATA" and tools.now() - since > _SILENCE:
        found = f"{name} has no data since {text_of(since)}, so it cannot go off"
        yield Finding("bad", found, "compare the dimensions of its metrics with the names in use")


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
            yield Finding("ok", f"the alarms watch {parameter} {value}")
        else:
            found = f"the alarms watch {parameter} {watched}, but the stage uses {value}"
            yield Finding("bad", found, deploy(stacks, "monitoring"))
