"""The repository's own files, as git lists them."""

import subprocess

from tools.project import PROJECT

#: All documents, the changelog and the generated ones included.
DOCUMENTS = sorted({*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")})


def files() -> list[str]:
    """Return the paths of the files that git tracks or would track, without links, in order."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    paths = {name: PROJECT / name for name in result.stdout.split("\0") if name}
    return sorted(name for name, path in paths.items() if path.is_file() and not path.is_symlink())
