"""Where a site goes, and what its page must know of it: the outputs of the stage's site stack."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from infra.site.errors import Misconfigured
from infra.stage import Stage
from tools.project import PYTHON


@dataclass(frozen=True)
class Target:
    """`config` becomes the public config.json. `account`, if known, must own the bucket."""

    bucket: str
    distribution: str
    url: str
    config: Mapping[str, str]
    account: str = ""

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, str], api_path: str = "/api") -> "Target":
        """From the outputs of `infra/templates/site.yaml`.

        What the page gets is listed here by name, so that no other output is ever published by
        being added to the template. Raises `Misconfigured` if an output is missing.
        """
        try:
            pool = outputs["UserPoolId"]
            return cls(
                bucket=outputs["BucketName"],
                distribution=outputs["DistributionId"],
                url=outputs["SiteUrl"],
                config={
                    "api_path": api_path,
                    "region": pool.partition("_")[0],
                    "user_pool_id": pool,
                    "client_id": outputs["ClientId"],
                    "login_url": outputs["LoginUrl"],
                },
            )
        except KeyError as error:
            raise Misconfigured(f"the site stack has no output {error}; deploy it again") from error


def stack_name(stage: Stage) -> str:
    return f"{stage.function_name()}-site"


def of_stage(stage: Stage, cloudformation: Any) -> Target:
    """What the stage's site stack says. Raises `Misconfigured` if there is none, or if the API has
    been replaced since."""
    again = f"run `{PYTHON} -m infra site --stage {stage.name}`"
    name = stack_name(stage)
    stack = _stack(cloudformation, name)
    if stack is None:
        raise Misconfigured(f"there is no stack {name} yet; {again} first")
    outputs = _outputs(stack)
    deployed, used = stage.deployed_rest_api(), outputs.get("RestApiId")
    target = Target.from_outputs(outputs, deployed.path if deployed else stage.api_path())
    if deployed and used and deployed.id != used:
        # Both ways of deploying the API may have been taken; the stack's API is the one to use.
        api = _stack(cloudformation, f"{stage.function_name()}-api")
        if api is None or _outputs(api).get("RestAPIId") != used:
            raise Misconfigured(
                f"stage {stage.name} has another API ({deployed.id}) than its site ({used}); "
                f"{again} again"
            )
    # A stack's id tells whose it is: what we have been asked to find by name is our caller's.
    return replace(target, account=stack["StackId"].split(":")[4])


def _stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return found


def _outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
