"""The first steps of app.py's hook. tests/integration/chalice_cli tests its effects."""

import json
import os
import subprocess
import sys

from tools.project import PROJECT

# Ends where Chalice's watcher is silenced.
START = """
import json, sys
import chalice.cli
before = {*sys.modules}
from local.chalice_cli import install
from local import chalice_internals
def silenced():
    print(json.dumps(sorted({*sys.modules} - before)))
    sys.exit()
chalice_internals.silence_watcher = silenced
install()
"""


def test_watcher_is_silenced_before_imports() -> None:
    """Python caches each module in a file, and each new file would restart the server."""
    result = subprocess.run(
        [sys.executable, "-c", START],
        cwd=PROJECT,
        env={**os.environ, "CHALICE_WORKER": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = json.loads(result.stdout)
    ours = {name for name in imported if name.split(".")[0] != "chalice"}
    assert ours == {
        *("local", "local.chalice_cli", "local.chalice_internals", "local.reload"),
        *("tools", "tools.project"),
    }
