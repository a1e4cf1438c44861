"""Every parameter of every template, as `docs/parameters.md`."""

import json
from typing import Any

from chalice.package import YAMLTemplateSerializer

from infra.stacks import account
from tools.project import PROJECT

FILE = PROJECT / "docs" / "parameters.md"

_HEAD = """# Parameters

Of each stack, given with `--parameter NAME=VALUE` to `python -m infra STACK`; what is not given
stays as it is. What belongs to a version of the function (memory, timeout, variables) is in
`.chalice/config.json` instead. Written by `python -m infra documents`.
"""

_STACKS = ("data", "api", "monitoring", "edge", "site")


def templates() -> dict[str, dict[str, Any]]:
    """The templates, by the name of the stack's command."""
    directory = PROJECT / "infra" / "templates"
    files = {name: directory / f"{name}.yaml" for name in _STACKS}
    load = YAMLTemplateSerializer().load_template
    found = {name: load(file.read_text()) for name, file in files.items()}
    found["account"] = json.loads(account.template())
    return dict(sorted(found.items()))


def text() -> str:
    parts = [_HEAD]
    for name, template in templates().items():
        parts.append(f"\n## {name}\n\n| parameter | default | meaning |\n|---|---|---|\n")
        parts += [_row(*each) for each in template["Parameters"].items()]
    return "".join(parts)


def _row(name: str, parameter: dict[str, Any]) -> str:
    if "Default" not in parameter:
        default = "follows from the stage"
    else:
        default = f"`{parameter['Default']}`" if parameter["Default"] != "" else "none"
    meaning = " ".join(parameter["Description"].split()).replace("|", "\\|")
    return f"| `{name}` | {default} | {meaning} |\n"
