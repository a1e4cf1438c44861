"""Where a site goes, and what its page must know of it: the outputs of the stage's site stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.aws import describe_stack, outputs_of
from infra.site.errors import Misconfigured
from infra.site.headers import Serving
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
    serving: Serving = field(default_factory=Serving)

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


def of_stage(stage: Stage, cloudformation: Any) -> Target:
    """What the stage's site stack says. Raises `Misconfigured` if there is none, or if the API has
    been replaced since."""
    again = f"run `{PYTHON} -m infra site --stage {stage.name}`"
    name = stage.stack_name("site")
    stack = describe_stack(cloudformation, name)
    if stack is None:
        raise Misconfigured(f"there is no stack {name} yet; {again} first")
    outputs = outputs_of(stack)
    deployed, used = stage.deployed_rest_api(), outputs.get("RestApiId")
    target = Target.from_outputs(outputs, deployed.path if deployed else stage.api_path)
    if deployed and used and deployed.id != used:
        # Both ways of deploying the API may have been taken; the stack's API is the one to use.
        api = describe_stack(cloudformation, stage.stack_name("api"))
        if api is None or outputs_of(api).get("RestAPIId") != used:
            raise Misconfigured(
                f"stage {stage.name} has another API ({deployed.id}) than its site ({used}); "
                f"{again} again"
            )
    # A stack's id tells whose it is: what we have been asked to find by name is our caller's.
    account = stack["StackId"].split(":")[4]
    return replace(target, account=account, serving=Serving.of_settings(stage.settings))
