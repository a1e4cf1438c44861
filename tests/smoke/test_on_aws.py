"""Checks that need AWS: TLS, redirects, compression, and the gateway's integration."""

import json
import secrets
import ssl
from urllib.parse import urlsplit

import httpx
import pytest

from infra.function.alias import ALIAS, Live
from infra.stage import Stage
from tests.smoke.deployed import AWS, OWN_NAME, RELEASED, Deployed
from tests.smoke.tls import refuses
from tools.project import PROJECT


@pytest.mark.needs(AWS)
@pytest.mark.parametrize("path", ["/", "/config.json", "/nope"])
def test_the_page_is_https_only(path: str, deployed: Deployed) -> None:
    address = f"{deployed.site_url}{path}"
    answer = httpx.get(address.replace("https://", "http://", 1), timeout=30)
    assert answer.status_code == 301, f"http is not redirected: {answer.status_code}"
    assert answer.headers["location"] == address


@pytest.mark.needs(AWS)
def test_token_over_http_is_rejected(
    deployed: Deployed,
) -> None:
    address = f"{deployed.site_url}/api/items".replace("https://", "http://", 1)
    assert httpx.get(address, timeout=30).status_code == 403


@pytest.mark.needs(AWS, OWN_NAME)
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions_of_tls_are_refused(version: str, deployed: Deployed) -> None:
    host = str(urlsplit(deployed.site_url).hostname)
    assert not refuses(ssl.TLSVersion.TLSv1_2, host)
    assert refuses(ssl.TLSVersion[version], host), f"{host} speaks {version}"


@pytest.mark.needs(AWS, RELEASED)
def test_large_response_is_compressed(api: httpx.Client) -> None:
    item = {"id": f"smoke-gzip-{secrets.token_hex(4)}", "name": "gzip", "description": "x" * 4000}
    tag = api.put("/items", content=json.dumps(item), headers={"Content-Type": "application/json"})
    path = f"/items/{item['id']}"
    plain = api.get(path, headers={"Accept-Encoding": "identity"})
    packed = api.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers.get("content-encoding") == "gzip"
    assert plain.json() == packed.json()
    # Still one that If-Match takes: a proxy that compresses would have made it weak.
    assert plain.headers["etag"] == packed.headers["etag"] == tag.headers["etag"]


@pytest.mark.needs(RELEASED)
def test_every_route_invokes_the_alias(deployed: Deployed) -> None:
    function = Stage.load(PROJECT, deployed.stage).function_name
    targets = list(deployed.invoked())
    assert len(targets) >= 4
    for target in targets:
        assert target.endswith(f":function:{function}:{ALIAS}/invocations"), target
    # And that names a version, which cannot change under it.
    assert Live(deployed.client_of("lambda"), function).version().isdecimal()
