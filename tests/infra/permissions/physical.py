"""The physical names that CloudFormation generates.

After `IdentifierUtils.generateResourceIdentifier` and its `fairSplit` in
https://github.com/aws-cloudformation/cloudformation-cli-java-plugin, which resource handlers use.
Names seen in public agree: with a stack `LabStack-prewarm-d0e5b172-b1d…`, CodeDeploy's role is
`LabStack-prewarm-d0e5b172-b1d-CodeDeployServiceRole-FmY1A3Agwq18`, and of
`aws-sam-cli-managed-prod-pipeline-resources` and `CloudFormationExecutionRole` became
`aws-sam-cli-managed-prod--CloudFormationExecutionRo-8OFuqwyOFW6X`.
"""

import re

_RANDOM = "a1B2c3D4e5F6"


def physical_name(stack: str, logical_id: str, longest: int) -> str:
    """Return the name for a resource of a type whose names have up to `longest` characters."""
    stack = re.sub("-{2,}", "-", stack.lstrip("-"))
    # Two hyphens and the random end are always there.
    for_stack, for_logical_id = _fair_split(
        longest - len(_RANDOM) - 2, [len(stack), len(logical_id)]
    )
    return f"{stack[:for_stack]}-{logical_id[:for_logical_id]}-{_RANDOM}"


def _fair_split(capacity: int, wanted: list[int]) -> list[int]:
    """Share `capacity` evenly, and give unused parts to the others."""
    got = [0] * len(wanted)
    while capacity and got != wanted:
        share = max(capacity // len(wanted), 1)
        for index, most in enumerate(wanted):
            more = min(share, most - got[index], capacity)
            got[index] += more
            capacity -= more
    return got
