"""Autoscaling of a restored table: targets and policies like those of its source."""

from typing import Any

from ops.tools import Tools

_NAMESPACE = "dynamodb"


def copy(tools: Tools, source: str, target: str) -> None:
    """Both calls put what is missing and change what is there, so they may be repeated."""
    scaling = tools.client("application-autoscaling")

    def found(operation: str, answer: str) -> list[dict[str, Any]]:
        pages = scaling.get_paginator(operation).paginate(ServiceNamespace=_NAMESPACE)
        theirs = (each for page in pages for each in page[answer])
        # A table's own, and those of its indexes; not those of a table named alike.
        return [each for each in theirs if each["ResourceId"].split("/")[1] == source]

    def moved(each: dict[str, Any]) -> dict[str, Any]:
        _, _, *index = each["ResourceId"].split("/")
        return {
            "ServiceNamespace": _NAMESPACE,
            "ScalableDimension": each["ScalableDimension"],
            "ResourceId": "/".join(["table", target, *index]),
        }

    for each in found("describe_scalable_targets", "ScalableTargets"):
        scaling.register_scalable_target(
            **moved(each), MinCapacity=each["MinCapacity"], MaxCapacity=each["MaxCapacity"]
        )
    for each in found("describe_scaling_policies", "ScalingPolicies"):
        scaling.put_scaling_policy(
            **moved(each),
            PolicyName=each["PolicyName"],
            PolicyType=each["PolicyType"],
            TargetTrackingScalingPolicyConfiguration=each[
                "TargetTrackingScalingPolicyConfiguration"
            ],
        )
        tools.report(f"{target}: scales {each['ScalableDimension']} as before")
