"""Where a site goes, and what its page must know of it: the outputs of the stage's site stack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from infra.site.errors import Misconfigured
from infra.stage import Stage


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
        """From the outputs of `infra/site.yaml`.

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
    again = f"run `python -m infra site --stage {stage.name}`"
    name = stack_name(stage)
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise Misconfigured(f"there is no stack {name} yet; {again} first") from error
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    deployed = _deployed_api(stage)
    if deployed and deployed[0] != outputs.get("RestApiId", deployed[0]):
        raise Misconfigured(
            f"stage {stage.name} has another API ({deployed[0]}) than its site "
            f"({outputs['RestApiId']}); {again} again"
        )
    api_path = deployed[1] if deployed else f"/{_config(stage)['api_gateway_stage']}"
    # A stack's id tells whose it is: what we have been asked to find by name is our caller's.
    account = stack["StackId"].split(":")[4]
    return replace(Target.from_outputs(outputs, api_path), account=account)


def _deployed_api(stage: Stage) -> tuple[str, str] | None:
    """The id and the path of the API that `chalice deploy` has made, if it has."""
    file = stage.config_file.parent / "deployed" / f"{stage.name}.json"
    for resource in _read(file).get("resources", []) if file.exists() else []:
        if url := resource.get("rest_api_url"):
            return resource["rest_api_id"], urlsplit(url).path.rstrip("/")
    return None


def _config(stage: Stage) -> dict[str, Any]:
    config = _read(stage.config_file)
    return {"api_gateway_stage": "api", **config, **config["stages"][stage.name]}


def _read(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text())
    except ValueError as error:
        raise Misconfigured(f"{file} is not JSON: {error}") from error
    return content
