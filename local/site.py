"""Deploy the site into the local cloud, in the way it is deployed to AWS."""

import sys
from dataclasses import replace

import deploy_site
from infra.cloudformation.stack import Stack
from infra.site.headers import Serving
from infra.stage import LOCAL_STAGE, Stage
from local.cloud import Cloud
from tools.progress import Report
from tools.project import PROJECT

# The page's URL in `make dev`, which is also a callback URL of the sign-in.
DEVELOPMENT_URL = "http://localhost:5173/"


def deploy(
    cloud: Cloud,
    stack: Stack,
    *,
    user_pool_id: str,
    rest_api_id: str,
    api_path: str,
    report: Report = print,
) -> dict[str, str]:
    """Deploy the site's stack and publish the page in it. Return the stack's outputs.

    Raises `infra.errors.DeploymentFailed`, `tools.node.NodeError`, and the errors of
    `infra.site.errors`.
    """
    stage = Stage.load(PROJECT, LOCAL_STAGE)
    outputs = stack.deploy(
        (PROJECT / "infra" / "templates" / "site.yaml").read_text(),
        {
            "AppName": stage.app_name,
            "UserPoolId": user_pool_id,
            "LoginUrl": cloud.endpoint,
            "RestApiId": rest_api_id,
            "ApiPath": api_path,
            "LocalPort": str(cloud.port),
            "DevelopmentUrl": DEVELOPMENT_URL,
            "ManagedLogin": "false",
        },
    )
    serving = Serving.of_settings(stage.settings)
    target = replace(deploy_site.Target.from_outputs(outputs, api_path), serving=serving)
    # Delete old files of the page without confirmation, because all can be built again.
    options = deploy_site.Options(delete=True, allow_delete=sys.maxsize)
    deploy_site.deploy(
        deploy_site.build(report, cloud.home.directory / "website"),
        target,
        {"s3": cloud.client("s3"), "cloudfront": cloud.client("cloudfront")}.__getitem__,
        options=options,
        report=report,
    )
    cloud.home.write_site_config(target.config)
    return outputs
