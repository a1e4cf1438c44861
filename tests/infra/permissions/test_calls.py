"""The deployer's policies allow each call that a release and its smoke test make."""

from collections.abc import Iterator

import pytest

from tests.infra.permissions.arns import ACCOUNT, ID
from tests.infra.permissions.calls import Call, calls
from tests.infra.permissions.check import NAMES, Scenes, policies
from tests.infra.permissions.iam import allows
from tests.infra.permissions.reference import resource_types
from tests.infra.permissions.scene import REGION, Scene

#: The calls that the deployer's policies refuse on purpose.
EXCUSED_CALLS = {
    "cloudformation:DeleteStack": "a person deletes stacks; the release reports the refusal",
}

#: By service, the resources that its calls are on, where others have ARNs of the same type.
_OWNERS = {"s3": ["AWS::S3::Bucket"], "cognito-idp": ["AWS::Cognito::UserPool"]}


def called_on(scene: Scene, call: Call, action: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the ARN of a release's call, with the condition keys of the request."""
    types = resource_types(action)
    assert types is not None, f"{action} is not an action of IAM's: see calls.py"
    if not types:
        yield "*", {}
    elif call.service == "cloudformation":
        yield from ((stack.arn, {}) for stack in scene.stacks)
    elif call.service == "s3" and not call.module.startswith("infra.site"):
        yield f"{scene.place.artefacts}/{scene.function_name}/{ID}.zip", {}
    else:
        # Only the alias is ever invoked.
        wanted = {"function alias"} if action == "lambda:InvokeFunction" else types
        for resource in scene.resources:
            # Others only name it, such as a user pool's client.
            if resource.type in _OWNERS.get(call.service, [resource.type]):
                tag = resource.tag("application")
                context = {"aws:ResourceTag/application": tag} if tag else {}
                arns = resource.arns().items()
                yield from ((arn, context) for name, arn in arns if name in wanted)


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_every_call_of_a_release_is_allowed(
    app: str, stage: str, is_full: bool, scene: Scenes
) -> None:
    found = scene(app, stage, is_full)
    policy = policies(found)
    refused = set()
    for call in sorted(calls()):
        for action in call.actions():
            targets = list(called_on(found, call, action))
            assert targets, f"nothing that {call} could be on"
            refused |= {
                action for arn, context in targets if not allows(policy, action, arn, context)
            }
    assert refused == set(EXCUSED_CALLS)


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_account_and_transform_are_allowed(
    app: str, stage: str, is_full: bool, scene: Scenes
) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html"""
    policy = policies(scene(app, stage, is_full))
    account = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{app}-account/{ID}"
    transform = f"arn:aws:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31"
    assert allows(policy, "cloudformation:DescribeStacks", account)
    assert not allows(policy, "cloudformation:UpdateStack", account)
    assert allows(policy, "cloudformation:CreateChangeSet", transform)
