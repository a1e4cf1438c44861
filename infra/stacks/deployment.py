"""Deploy a stage's stacks. Each stack takes outputs of other stacks as its parameters.

data         the table, the users, the backups       infra/templates/data.yaml
api          the function and the gateway            app.py, infra/templates/api.yaml
monitoring   alarms and the dashboard                infra/templates/monitoring.yaml
edge         CloudFront's resources in us-east-1     infra/templates/edge.yaml
site         CloudFront and the bucket               infra/templates/site.yaml
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.aws import AWS, Capabilities, ClientOf
from infra.cloudformation.stack import Stack
from infra.errors import Misconfigured, Refused
from infra.function.policy import point_at_data
from infra.permissions.terms import EDGE_REGION
from infra.release import version
from infra.stacks import monitoring
from infra.stacks.account import stack_name
from infra.stage import Stage
from tools.progress import Report
from tools.project import PROJECT, PYTHON

Parameters = Mapping[str, str]

_TEMPLATES = PROJECT / "infra" / "templates"


def template(part: str) -> str:
    """Return the template of a part whose template is a file: all but api."""
    return (_TEMPLATES / f"{part}.yaml").read_text()


@dataclass(frozen=True)
class Stacks:
    """The stacks of one stage. All methods raise `DeploymentFailed` and `Misconfigured`."""

    stage: Stage
    client_of: ClientOf
    report: Report = print
    choices: version.Choices = version.ORDINARY
    target: Capabilities = AWS

    def release(self) -> None:
        """Deploy all stacks but edge, with the parameters that they have."""
        for deploy in (self.data, self.api, self.monitoring, self.site):
            deploy({})

    def data(self, parameters: Parameters) -> None:
        """Deploy the table and the users, then write the stage's variables and policy."""
        values = {
            "AppName": self.stage.app_name,
            "FunctionName": self.stage.function_name,
            **boundary(self.account()),
            **parameters,
        }
        point_at_data(self.stage, self.deploy("data", template("data"), values))
        file = self.stage.config_file.relative_to(self.stage.project)
        self.report(f"wrote {file} and the stage's policy")

    def api(self, parameters: Parameters, bucket: str = "") -> None:
        """Deploy the API as a new version. `bucket` takes the package, by default the account's."""
        account = self.account()
        bucket = bucket or artefact_bucket(account)
        values = {**boundary(account), **parameters}
        with TemporaryDirectory() as out:
            outputs = version.release(
                self.stage,
                Path(out),
                self.client_of,
                bucket,
                values,
                self.report,
                self.target,
                self.choices,
            )
        self.report(f"the API is {outputs['EndpointURL']}")

    def roll_back(self, to: str = "", bucket: str = "") -> None:
        """Roll back to the previous version, or to version `to` (see `version.roll_back`)."""
        bucket = bucket or artefact_bucket(self.account())
        version.roll_back(self.stage, self.client_of, bucket, self.report, to)

    def monitoring(self, parameters: Parameters) -> None:
        """Deploy the alarms, the dashboard and the budget."""
        data, api, site = self.require("data"), self.outputs("api"), self.outputs("site")
        derived = monitoring.parameters(self.stage, data, api, site)
        outputs = self.deploy("monitoring", template("monitoring"), {**derived, **parameters})
        self.report(f"alarms are sent to {outputs['TopicArn']}")
        for line in monitoring.warnings(self.stage, self.stack("monitoring").parameters()):
            self.report(line)

    def edge(self, parameters: Parameters) -> None:
        """Deploy the certificate and the firewall that CloudFront takes from us-east-1 only.

        Raises `Refused` if the site still uses a resource that this would delete.
        """
        self._check_unused(parameters)
        values = {"FunctionName": self.stage.function_name, **parameters}
        self.deploy("edge", template("edge"), values)

    def site(self, parameters: Parameters) -> None:
        """Deploy CloudFront and the bucket to which `deploy_site.py` then uploads the page."""
        data = self.require("data")
        values = {
            "AppName": self.stage.app_name,
            "UserPoolId": data["UserPoolId"],
            "LoginUrl": data["LoginUrl"],
            **self._rest_api(),
            **self.outputs("edge"),
            **parameters,
        }
        outputs = self.deploy("site", template("site"), values)
        self.report(f"the site is {outputs['SiteUrl']}")
        self.report(f"to publish the page, run `{PYTHON} deploy_site.py --stage {self.stage.name}`")

    def deploy(self, part: str, template: str, parameters: Parameters) -> dict[str, str]:
        """Deploy one stack, and return its outputs."""
        return self.stack(part).deploy(template, parameters)

    def outputs(self, part: str) -> dict[str, str]:
        """Return the outputs of a stack, empty if it does not exist."""
        return self.stack(part).outputs_if_any()

    def require(self, part: str) -> dict[str, str]:
        """Return the outputs of a stack. Raises `Misconfigured` if it does not exist."""
        outputs = self.outputs(part)
        if not outputs:
            name = self.stage.stack_name(part)
            raise Misconfigured(
                f"no stack {name}: run `{PYTHON} -m infra {part} --stage {self.stage.name}`"
            )
        return outputs

    def account(self) -> dict[str, str]:
        """Return the outputs of the account's stack, empty if it does not exist."""
        return Stack(self.client_of("cloudformation"), stack_name(), self.report).outputs_if_any()

    def stack(self, part: str) -> Stack:
        region = EDGE_REGION if part == "edge" else None
        client = self.client_of("cloudformation", region)
        return Stack(client, self.stage.stack_name(part), self.report)

    def _check_unused(self, parameters: Parameters) -> None:
        site = self.stack("site").parameters()
        for change, value, leaving in (
            ("Firewall", "false", ("WebAclArn",)),
            ("DomainName", "", ("DomainName", "CertificateArn", "HostedZoneId")),
        ):
            if parameters.get(change) == value and site.get(leaving[0]):
                options = " ".join(f"--parameter {name}=" for name in leaving)
                raise Refused(
                    f"the site still uses {leaving[0]} {site[leaving[0]]}, so AWS would refuse to "
                    f"delete: run {PYTHON} -m infra site --stage {self.stage.name} {options}"
                )

    def _rest_api(self) -> dict[str, str]:
        """Return the site's parameters for the stage's API, from its stack or `chalice deploy`."""
        of_the_stack = self.outputs("api")
        if of_the_stack:
            return {"RestApiId": of_the_stack["RestAPIId"], "ApiPath": self.stage.api_path}
        deployed = self.stage.deployed_rest_api()
        if deployed is None:
            how = f".venv/bin/chalice deploy --stage {self.stage.name}"
            raise Misconfigured(f"stage {self.stage.name} has no API: run `{how}`")
        return {"RestApiId": deployed.id, "ApiPath": deployed.path}


def artefact_bucket(account: Parameters) -> str:
    """Return the bucket for packages of the account's stack."""
    if "ArtefactBucket" not in account:
        raise Misconfigured("no artifact bucket: run `make bootstrap`, or pass --bucket")
    return account["ArtefactBucket"]


def boundary(account: Parameters) -> dict[str, str]:
    """Return the parameter of the stacks that create roles."""
    arn = account.get("BoundaryArn")
    return {"BoundaryArn": arn} if arn else {}
