"""The commands that fix a finding."""

from infra.stacks.deployment import Stacks
from tools.project import PYTHON


def deploy(stacks: Stacks, part: str, **parameters: object) -> str:
    """Return the command that deploys a stack of the stage with these parameters."""
    options = [f" --parameter {name}={value}" for name, value in parameters.items()]
    return f"{PYTHON} -m infra {part} --stage {stacks.stage.name}{''.join(options)}"
