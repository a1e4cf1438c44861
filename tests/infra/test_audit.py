"""`make audit`: pip-audit and npm asked for real, of services that this test plays."""

import datetime
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra import audit
from infra.audit import CLEAN, FOUND, UNASKED, Acceptance, Answer, Finding
from tools.project import PROJECT

LOCK = "website/package-lock.json"
TODAY = datetime.date(2030, 5, 1)
MSGSPEC = Finding("msgspec", "0.22.0", ("PYSEC-2030-1", "CVE-2030-1"), "0.22.1")
BAD = Answer("requirements.txt", (MSGSPEC,))
GOOD = Answer("requirements-dev.txt", ())
SILENT = Answer("bench/requirements.txt", (), "405 Method Not Allowed")
# As OSV and as npm's registry say it.
OSV = {
    "vulns": [
        {
            "id": "PYSEC-2030-1",
            "aliases": ["CVE-2030-1"],
            "summary": "It reads too much",
            "affected": [
                {
                    "package": {"name": "msgspec", "ecosystem": "PyPI"},
                    "ranges": [
                        {
                            "type": "ECOSYSTEM",
                            "events": [{"introduced": "0"}, {"fixed": "99.0.1"}],
                        }
                    ],
                }
            ],
        }
    ]
}
NPM = {
    "oidc-client-ts": [
        {
            "id": 1,
            "url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
            "title": "It forgets the state",
            "severity": "high",
            "vulnerable_versions": "<99.0.1",
            "cwe": ["CWE-352"],
            "cvss": {"score": 7.5, "vectorString": None},
        }
    ]
}


class _Handler(BaseHTTPRequestHandler):
    server: "Service"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answer(self.path, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class Service(ThreadingHTTPServer):
    """Both services that know of vulnerabilities; `known` or not, `status` otherwise."""

    known = True
    status = 200

    def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        if self.status != 200:
            return self.status, {}
        if path == "/v1/query":
            asked = json.loads(body)["package"]["name"]
            return 200, OSV if self.known and asked == "msgspec" else {}
        return 200, NPM if self.known else {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def website(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the website's lock file, for an npm that has `service` for its registry."""
    directory = tmp_path / "website"
    directory.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROJECT / "website" / name, directory)
    monkeypatch.setenv("npm_config_registry", service.url)
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    return tmp_path


def ask(service: Service) -> Answer:
    return audit.python("requirements.txt", service=("osv", "--osv-url", f"{service.url}/v1/query"))


def test_what_is_known_of_a_python_package_is_found(service: Service) -> None:
    answer = ask(service)
    [found] = answer.findings
    assert (found.package, found.names, found.fixed_in) == (
        "msgspec",
        ("PYSEC-2030-1", "CVE-2030-1"),
        "99.0.1",
    )
    assert audit.report([answer], [], TODAY)[1] == FOUND


def test_no_news_of_the_python_packages_is_good_news(service: Service) -> None:
    service.known = False
    answer = ask(service)
    assert answer == Answer("requirements.txt", ())
    assert audit.report([answer], [], TODAY)[1] == CLEAN


@pytest.mark.parametrize("status", [404, 405, 503])
def test_a_service_for_python_that_does_not_answer_is_no_good_news(
    service: Service, status: int
) -> None:
    service.status = status
    answer = ask(service)
    assert answer.unasked
    assert audit.report([answer], [], TODAY)[1] == UNASKED


def test_packages_that_the_service_does_not_know_are_no_good_news(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # What pip-audit prints, with a status of 0, where a mirror has no such knowledge.
    said = {"dependencies": [{"name": "msgspec", "skip_reason": "not found"}], "fixes": []}
    (tmp_path / "pip_audit.py").write_text(f"print({json.dumps(said)!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = audit.python("requirements.txt", project=tmp_path)
    assert answer.unasked == "1 of 1 are not known to the service"
    assert audit.report([answer], [], TODAY)[1] == UNASKED


def test_what_is_known_of_an_npm_package_is_found(website: Path) -> None:
    answer = audit.npm(LOCK, website)
    [found] = answer.findings
    assert found[:3] == ("oidc-client-ts", "<99.0.1", ("GHSA-aaaa-bbbb-cccc",))
    assert audit.report([answer], [], TODAY)[1] == FOUND


def test_no_news_of_the_npm_packages_is_good_news(website: Path, service: Service) -> None:
    service.known = False
    answer = audit.npm(LOCK, website)
    assert answer == Answer(LOCK, ())


@pytest.mark.parametrize("status", [404, 405, 503])
def test_a_registry_that_does_not_answer_is_no_good_news(
    website: Path, service: Service, status: int
) -> None:
    service.status = status
    answer = audit.npm(LOCK, website)
    assert answer.unasked
    assert audit.report([answer], [], TODAY)[1] == UNASKED


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([GOOD], CLEAN),
        ([GOOD, SILENT], UNASKED),
        ([SILENT, BAD, GOOD], FOUND),
        ([BAD, SILENT], FOUND),
    ],
)
def test_the_worst_is_the_status(answers: list[Answer], status: int) -> None:
    lines, said = audit.report(answers, [], TODAY)
    assert said == status
    assert ("COULD NOT BE ASKED" in " ".join(lines)) == (SILENT in answers)
    assert len(lines) == len(answers)


@pytest.mark.parametrize("name", MSGSPEC.names)
def test_what_is_accepted_counts_again_from_the_day_after(name: str) -> None:
    accepted = [Acceptance(name, "msgspec", TODAY, "Nothing here decodes what it is about.")]
    lines, status = audit.report([BAD], accepted, TODAY)
    assert status == CLEAN
    assert "accepted until 2030-05-01: Nothing here" in lines[0]
    assert audit.report([BAD], accepted, TODAY + datetime.timedelta(days=1))[1] == FOUND


@pytest.mark.parametrize(("id", "package"), [("PYSEC-2030-2", "msgspec"), ("CVE-2030-1", "pip")])
def test_what_is_accepted_in_vain_has_to_go(id: str, package: str) -> None:
    accepted = [Acceptance(id, package, TODAY, "Once.")]
    lines, status = audit.report([GOOD], accepted, TODAY)
    assert (lines[-1], status) == (f"infra/audit.toml: {id} of {package} is found nowhere", FOUND)
    # Whether it is in vain, only a whole answer tells.
    assert audit.report([GOOD, SILENT], accepted, TODAY)[1] == UNASKED


@pytest.mark.parametrize(
    ("until", "reason", "complaint"),
    [
        ("2030-08-01", "A reason.", ""),
        ("2030-08-02", "A reason.", "more than three months"),
        ("2030-06-01", " ", "needs a reason"),
        (None, "A reason.", "until"),
        ('"2030-06-01"', "A reason.", "until is not a day"),
    ],
)
def test_an_acceptance_has_a_day_and_a_reason(
    tmp_path: Path, until: str | None, reason: str, complaint: str
) -> None:
    file = tmp_path / "audit.toml"
    day = f"until = {until}\n" if until else ""
    file.write_text(f'[[accepted]]\nid = "X"\npackage = "y"\n{day}reason = "{reason}"\n')
    if complaint:
        with pytest.raises(ValueError, match=complaint):
            audit.acceptances(file, TODAY)
    else:
        [found] = audit.acceptances(file, TODAY)
        assert (found.id, found.until) == ("X", datetime.date(2030, 8, 1))


def test_what_is_accepted_here_is_well_formed() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    assert isinstance(audit.acceptances(PROJECT / "infra" / "audit.toml", today), list)


def test_the_command_fails_when_nobody_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Proxies that are not there: no service can be reached, wherever this runs.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "npm_config_proxy", "npm_config_https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setattr(audit, "locks", lambda: ["requirements.txt"])
    monkeypatch.setattr(audit, "NPM", (LOCK,))
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code == UNASKED
    assert capsys.readouterr().out.count("COULD NOT BE ASKED") == 2
