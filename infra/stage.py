"""A stage: its settings in `.chalice/config.json`, and the files that belong to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from infra import names
from infra.errors import Misconfigured, UnknownStage

#: The stage of the local cloud. The commands that deploy to AWS reject it.
LOCAL_STAGE = "local"

# Chalice's own defaults.
_API_GATEWAY_STAGE = "api"
_MEMORY_MB, _ARCHITECTURE = 128, "x86_64"


class RestApi(NamedTuple):
    """A REST API by its id, with the path that its stage adds, such as `/api`."""

    id: str
    path: str


@dataclass(frozen=True)
class Stage:
    """A stage of the Chalice project in the directory `project`.

    `settings` are from `.chalice/config.json`. The stage's settings override the application's.
    """

    project: Path
    name: str
    settings: Mapping[str, Any]

    @classmethod
    def load(cls, project: Path, name: str) -> "Stage":
        """Read the stage's settings. Raises `UnknownStage`, or `Misconfigured` for a wrong name."""
        file = _config_file(project)
        config = _read(file)
        stages = config.get("stages", {})
        if name not in stages:
            raise UnknownStage(f"{file} has no stage {name}: pass one of {', '.join(stages)}")
        check_names(file, config["app_name"], name)
        return cls(project, name, {**config, **stages[name]})

    @property
    def config_file(self) -> Path:
        return _config_file(self.project)

    @property
    def app_name(self) -> str:
        return str(self.settings["app_name"])

    @property
    def function_name(self) -> str:
        """The function's name, from `chalice deploy` and in the packaged template."""
        return f"{self.app_name}-{self.name}"

    @property
    def gateway_stage(self) -> str:
        """The name of the API Gateway stage."""
        return str(self.setting("api_gateway_stage", _API_GATEWAY_STAGE))

    @property
    def api_path(self) -> str:
        """The path of the API in the gateway and in the site."""
        return f"/{self.gateway_stage}"

    @property
    def memory_mb(self) -> int:
        """The memory of the function."""
        memory: int = self.setting("lambda_memory_size", _MEMORY_MB)
        return memory

    @property
    def architecture(self) -> str:
        """The processor of the function, arm64 or x86_64."""
        return str(self.setting("lambda_architecture", _ARCHITECTURE))

    @property
    def policy_file(self) -> Path:
        # The default is Chalice's own.
        name = self.setting("iam_policy_file", f"policy-{self.name}.json")
        return self.config_file.parent / str(name)

    def setting(self, key: str, default: Any) -> Any:
        """Return a setting of the stage or the application, or `default` if it is not set."""
        return self.settings.get(key, default)

    def stack_name(self, part: str) -> str:
        """Return the name of the stage's stack for a `part`: data, api, monitoring, edge, site."""
        return f"{self.function_name}-{part}"

    def deployed_rest_api(self) -> RestApi | None:
        """Return the REST API that `chalice deploy` created, `None` if it created no API."""
        file = self.config_file.parent / "deployed" / f"{self.name}.json"
        for resource in _read(file)["resources"] if file.exists() else []:
            if "rest_api_id" in resource:
                path = urlsplit(resource.get("rest_api_url", "")).path.rstrip("/")
                return RestApi(resource["rest_api_id"], path or self.api_path)
        return None

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set environment variables of the stage in its file, and keep the others."""
        config = _read(self.config_file)
        stage = config["stages"][self.name]
        stage["environment_variables"] = {**stage.get("environment_variables", {}), **variables}
        self.config_file.write_text(json.dumps(config, indent=2) + "\n")


def application_name(project: Path) -> str:
    """Return the application's name. Raises `Misconfigured` if AWS would reject it."""
    file = _config_file(project)
    name = str(_read(file)["app_name"])
    check_names(file, name)
    return name


def _config_file(project: Path) -> Path:
    return project / ".chalice" / "config.json"


def check_names(file: Path, app: str, stage: str = "") -> None:
    """Raise `Misconfigured` if AWS would reject the names in `file`, or no policy matches them."""
    problems = names.problems(app, stage)
    if problems:
        raise Misconfigured(f"{'; '.join(problems)} (change {file})")


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except OSError as error:
        raise UnknownStage(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnknownStage(f"{path} is not JSON: {error}") from error
    return content
