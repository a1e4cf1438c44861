"""The target of a site and its page's configuration, from the outputs of the site stack."""

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
    """The bucket and the distribution of a site.

    `config` becomes the public config.json. `account`, if known, must own the bucket.
    """

    bucket: str
    distribution: str
    url: str
    config: Mapping[str, str]
    account: str = ""
    serving: Serving = field(default_factory=Serving)

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, str], api_path: str = "/api") -> "Target":
        """Return the target from the outputs of `infra/templates/site.yaml`.

        The code names each output for the page. Therefore an output that is added to the template
        is not published. Raises `Misconfigured` if an output is missing.
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


def target_of_stage(stage: Stage, cloudformation: Any) -> Target:
    """Return the target from the stage's site stack.

    Raises `Misconfigured` if the stack does not exist, or if the API has been replaced since.
    """
    again = f"run `{PYTHON} -m infra site --stage {stage.name}`"
    name = stage.stack_name("site")
    stack = describe_stack(cloudformation, name)
    if stack is None:
        raise Misconfigured(f"there is no stack {name} yet; {again} first")
    outputs = outputs_of(stack)
    deployed, used = stage.deployed_rest_api(), outputs.get("RestApiId")
    target = Target.from_outputs(outputs, deployed.path if deployed else stage.api_path)
    if deployed and used and deployed.id != used:
        # The API may have been deployed both ways. Use the stack's API.
        api = describe_stack(cloudformation, stage.stack_name("api"))
        if api is None or outputs_of(api).get("RestAPIId") != used:
            raise Misconfigured(
                f"stage {stage.name} has another API ({deployed.id}) than its site ({used}); "
                f"{again} again"
            )
    # A stack's id contains its account. A stack found by name belongs to the caller's account.
    account = stack["StackId"].split(":")[4]
    return replace(target, account=account, serving=Serving.of_settings(stage.settings))
