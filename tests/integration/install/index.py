"""A package index on this machine that offers a newer release of every locked package."""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.serving import serving

#: No package has a release as new as this.
NEWER = "9999.0"


def build(locks: list[Path], directory: Path) -> dict[str, str]:
    """Write wheels of the installed packages that `locks` name, each in its version and newer.

    A wheel has the metadata of the real one, extras and requirements included, and no content. uv
    keeps its content, because it is run. Return each locked wheel's hash by package name.
    """
    hashes = {}
    names = {pin.partition(" ")[0] for lock in locks for pin in wanted(lock)}
    for name in sorted(names):
        installed = distribution(name)
        hashes[name] = _wheel(installed, installed.version, directory)
        _wheel(installed, NEWER, directory)
    return hashes


def _wheel(installed: Distribution, version: str, directory: Path) -> str:
    name = installed.name.replace("-", "_").replace(".", "_")
    info = f"{name}-{version}.dist-info"
    metadata = (installed.read_text("METADATA") or "").partition("\n\n")[0]
    metadata = re.sub(r"(?m)^Version: .*$", f"Version: {version}", metadata)
    file = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", metadata + "\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        if canonicalize_name(name) == "uv" and version != NEWER:
            for path in installed.files or []:
                if path.parts[-1] == "uv":
                    entry = zipfile.ZipInfo(f"uv-{version}.data/scripts/uv")
                    entry.external_attr = 0o100755 << 16
                    wheel.writestr(entry, Path(str(path.locate())).read_bytes())
                elif path.parts[0] == "uv" and path.suffix == ".py":
                    wheel.writestr(str(path), path.read_binary())
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def requirements(lock: Path) -> list[Requirement]:
    """Return the requirements of `lock`, without their hashes."""
    entries = lock.read_text().replace("\\\n", " ").splitlines()
    lines = (entry.partition(" --hash=")[0].strip() for entry in entries)
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def wanted(lock: Path) -> set[str]:
    """Return "name version" of each package of `lock` for this machine."""
    return {
        f"{canonicalize_name(each.name)} {str(each.specifier).removeprefix('==')}"
        for each in requirements(lock)
        if each.marker is None or each.marker.evaluate()
    }


def relock(lock: Path, hashes: dict[str, str]) -> str:
    """Return the text of `lock` with the hashes of the wheels that were built."""
    # A package without a wheel is one that this machine's markers leave out.
    digests = (hashes.get(canonicalize_name(each.name), "0" * 64) for each in requirements(lock))
    entries = zip(requirements(lock), digests, strict=True)
    return "".join(f"{requirement} --hash=sha256:{digest}\n" for requirement, digest in entries)


@contextmanager
def serve(directory: Path, on_request: Callable[[int], None]) -> Iterator[str]:
    """Serve the wheels as a simple index (PEP 503) and yield its URL.

    `on_request` is called with the number of each request before its response.
    """
    count = iter(range(1, 1_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            on_request(next(count))
            parts = self.path.split("?")[0].strip("/").split("/")
            if parts[0] == "files":
                self._respond(200, (directory / parts[1]).read_bytes(), "application/zip")
                return
            files = [
                file.name
                for file in sorted(directory.iterdir())
                if canonicalize_name(file.name.partition("-")[0]) == parts[-1]
            ]
            links = "".join(f'<a href="/files/{name}">{name}</a>\n' for name in files)
            self._respond(200 if files else 404, links.encode(), "text/html")

        def _respond(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Suppress the log."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield f"{url}/simple"
