"""A stage's own files: its variables in `.chalice/config.json`, its policy beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from infra import names
from tools.project import PROJECT

__all__ = ["LOCAL_STAGE", "PROJECT", "RestApi", "Stage", "UnknownStage"]

# The local cloud's; all others are AWS's.
LOCAL_STAGE = "local"


class RestApi(NamedTuple):
    """`path` is under which the gateway has it, such as `/api`."""

    id: str
    path: str


class UnknownStage(Exception):
    """The files in `.chalice/` have no such stage, are not JSON, or AWS refuses the names.

    The message says which.
    """


@dataclass(frozen=True)
class Stage:
    """A stage of the Chalice project in the directory `project`. Raises `UnknownStage`."""

    project: Path
    name: str

    def __post_init__(self) -> None:
        stages = self._config()["stages"]
        if self.name not in stages:
            known = ", ".join(stages)
            raise UnknownStage(f"{self.config_file} has no stage {self.name}; it has {known}")
        check_names(self.config_file, self._config()["app_name"], self.name)

    @property
    def config_file(self) -> Path:
        return self.project / ".chalice" / "config.json"

    def function_name(self) -> str:
        """The name that `chalice deploy` gives the function; the packaged template uses it too."""
        return f"{self._config()['app_name']}-{self.name}"

    def data_parameters(self) -> dict[str, str]:
        """The parameters of `infra/templates/data.yaml` that follow from the stage."""
        return {"FunctionName": self.function_name()}

    def api_path(self) -> str:
        """Under which path the gateway has the API, and the site too."""
        return f"/{self.setting('api_gateway_stage', 'api')}"

    def setting(self, key: str, default: Any) -> Any:
        """One of Chalice's own: the stage's, else the application's, else the default."""
        config = self._config()
        return {key: default, **config, **config["stages"][self.name]}[key]

    def deployed_rest_api(self) -> RestApi | None:
        """The REST API that `chalice deploy` made, if it did."""
        file = self.config_file.parent / "deployed" / f"{self.name}.json"
        for resource in _read(file)["resources"] if file.exists() else []:
            if "rest_api_id" in resource:
                path = urlsplit(resource.get("rest_api_url", "")).path.rstrip("/")
                return RestApi(resource["rest_api_id"], path or self.api_path())
        return None

    @property
    def policy_file(self) -> Path:
        name: str = self._config()["stages"][self.name]["iam_policy_file"]
        return self.config_file.parent / name

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set these of the stage's environment variables, and leave the others."""
        config = self._config()
        stage = config["stages"][self.name]
        stage["environment_variables"] = {**stage.get("environment_variables", {}), **variables}
        self.config_file.write_text(json.dumps(config, indent=2) + "\n")

    def _config(self) -> dict[str, Any]:
        return _read(self.config_file)


def check_names(file: Path, app: str, stage: str = "") -> None:
    """Raise `UnknownStage` if AWS would refuse the names in `file`, or the policies miss them."""
    problems = names.problems(app, stage)
    if problems:
        raise UnknownStage(f"{'; '.join(problems)} (change it in {file})")


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise UnknownStage(f"{path} is not JSON: {error}") from error
    return content
