"""The page for the API's document: its files and its callers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.documents import openapi
from local.viewer import viewer

API = "http://api.localhost:4566/api"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "swagger-ui-bundle.js").write_text("script")
    (tmp_path / "swagger-ui.css").write_text("style")
    (tmp_path / "package.json").touch()
    with viewer(API, tmp_path) as url:
        yield url


def test_page_loads_files_of_its_own_only(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    page = httpx.get(url)
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(links) == 3
    for link in links:
        assert link.startswith("/")
        assert httpx.get(url + link).status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert re.findall(r"https?://[^ ;]*", policy) == ["http://api.localhost:4566"]


def test_document_has_the_local_api(url: str) -> None:
    document = httpx.get(f"{url}/openapi.json").json()
    assert document.pop("servers") == [{"url": API}]
    committed = json.loads(openapi.FILE.read_text())
    del committed["servers"]
    assert document == committed


@pytest.mark.parametrize("path", ["/package.json", "/../package.json", "/nowhere", "/?q"])
def test_other_path_is_not_found(url: str, path: str) -> None:
    assert httpx.get(url + path).status_code == 404


def test_request_for_another_host_is_not_found(url: str) -> None:
    headers = {"Host": url.removeprefix("http://").replace("127.0.0.1", "rebound.example")}
    assert httpx.get(url, headers=headers).status_code == 404


def test_viewer_ends_with_its_context(tmp_path: Path) -> None:
    with viewer(API, tmp_path) as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
