"""The tests in docs/testing.md, run as a developer who has copied them runs them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.project import PROJECT

_BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```python\n(?P<code>.*?)^```$", re.M | re.S)


def documented_code() -> dict[str, str]:
    """Return each block of Python by its file, or by a made-up name if it has no name."""
    text = (PROJECT / "docs" / "testing.md").read_text()
    blocks = list(_BLOCK.finditer(text))
    assert len(blocks) == text.count("```python"), "a block that is not read"
    return {block["file"] or f"fragment{n}.py": block["code"] for n, block in enumerate(blocks)}


def run_documented(directory: Path, *names: str, **variables: str) -> str:
    """Write these files, run them with pytest, and return the output. Fails if a test does."""
    code = documented_code()
    files = []
    for name in names:
        files.append(directory / name)
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        files[-1].write_text(code[name])
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-c", f"{PROJECT}/pyproject.toml", "--rootdir", str(PROJECT), *map(str, files)),
        ],
        cwd=PROJECT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
