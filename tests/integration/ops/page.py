"""The outputs and policies that docs/on-call.md shows."""

import json
import re
import textwrap
from typing import Any

from tools.project import PROJECT, PYTHON

TEXT = (PROJECT / "docs" / "on-call.md").read_text()


def output(command: str) -> list[str]:
    """Return the lines that follow a command, up to the first `...`."""
    block = re.search(rf"^    \$ {PYTHON} -m ops {command}\n(.*?)^    \.\.\.$", TEXT, re.M | re.S)
    assert block, f"the page shows no output of {command}"
    return textwrap.dedent(block[1]).splitlines()


def statement(command: str) -> dict[str, Any]:
    """Return the statement of a policy for `ops` COMMAND."""
    block = re.search(rf"for `ops {command}`:\n\n```json\n(.*?)```", TEXT, re.S)
    assert block, f"the page shows no policy for {command}"
    content: dict[str, Any] = json.loads(block[1])
    return content
