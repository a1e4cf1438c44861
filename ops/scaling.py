"""Autoscaling of a restored table, with its source's targets and policies."""

from typing import Final

from ops.tools import Tools

_NAMESPACE: Final = "dynamodb"


def copy(tools: Tools, source: str, target: str) -> None:
    """Copy targets and policies. Both calls create or update, so they may be repeated."""
    scaling = tools.client("application-autoscaling")

    def is_of_source(resource: str) -> bool:
        # Matches a table and its indexes, but no table with a similar name.
        return resource.split("/")[1] == source

    def moved(resource: str) -> str:
        _, _, *index = resource.split("/")
        return "/".join(["table", target, *index])

    targets = scaling.get_paginator("describe_scalable_targets")
    for page in targets.paginate(ServiceNamespace=_NAMESPACE):
        for each in page["ScalableTargets"]:
            if is_of_source(each["ResourceId"]):
                scaling.register_scalable_target(
                    ServiceNamespace=_NAMESPACE,
                    ScalableDimension=each["ScalableDimension"],
                    ResourceId=moved(each["ResourceId"]),
                    MinCapacity=each["MinCapacity"],
                    MaxCapacity=each["MaxCapacity"],
                )
    policies = scaling.get_paginator("describe_scaling_policies")
    for found in policies.paginate(ServiceNamespace=_NAMESPACE):
        for policy in found["ScalingPolicies"]:
            if is_of_source(policy["ResourceId"]):
                scaling.put_scaling_policy(
                    ServiceNamespace=_NAMESPACE,
                    ScalableDimension=policy["ScalableDimension"],
                    ResourceId=moved(policy["ResourceId"]),
                    PolicyName=policy["PolicyName"],
                    PolicyType=policy["PolicyType"],
                    TargetTrackingScalingPolicyConfiguration=policy[
                        "TargetTrackingScalingPolicyConfiguration"
                    ],
                )
                tools.report(f"{target}: scales {policy['ScalableDimension']} as before")
