"""Lambda from Python's view: the package and the runtime's own packages only."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The SDK and its dependencies.
OF_THE_RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

# `-I -S` excludes the current directory and installed packages. No file of the package may be
# compiled, because its own bytecode would then be unused.
_START = """
import json, sys
from importlib.machinery import SourceFileLoader

task, runtime, script = sys.argv[1:]
sys.path[:0] = [task, runtime]
sys.dont_write_bytecode = True
compiled = []
compile_source = SourceFileLoader.source_to_code

def noticed(self, data, path, **options):
    if path.startswith(task):
        compiled.append(path)
    return compile_source(self, data, path, **options)

SourceFileLoader.source_to_code = noticed
names = {"compiled": compiled}
exec(script, names)
print(json.dumps({"result": names["result"], "compiled": compiled}))
"""


class Failed(Exception):
    """The process has ended with a traceback, which is the message."""


def runtime_in(directory: Path) -> Path:
    """Return a directory with only the packages of Lambda's runtime."""
    directory.mkdir()
    for name in OF_THE_RUNTIME:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        found = Path(spec.origin)
        source = found.parent if spec.submodule_search_locations else found
        (directory / source.name).symlink_to(source)
    return directory


def run(task: Path, runtime: Path, script: str, **variables: str) -> Any:
    """Return the script's `result`, the compiled files of the package, and the output.

    The package is unpacked in `task`. Raises `Failed`.
    """
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _START, str(task), str(runtime), script],
        cwd="/",
        env={
            "PATH": os.defpath,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": "items-prod",
            "LAMBDA_TASK_ROOT": str(task),
            "APP_NAME": "items",
            "TABLE_NAME": "items-table",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    if result.returncode:
        raise Failed(result.stderr)
    written, _, last = result.stdout.rstrip("\n").rpartition("\n")
    return {**json.loads(last), "written": written}
