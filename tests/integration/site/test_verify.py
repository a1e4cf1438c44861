"""The check at the end: the published files and the references of pages are live."""

from typing import Any

import pytest

from infra.site.errors import NotLive
from infra.site.verify import find_references
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, WriteSite, page


def test_references_are_as_a_browser_loads_them() -> None:
    html = """<!doctype html><base><link rel="stylesheet" href="s.css"><link rel=icon href=/i.svg>
        <link rel="canonical" href="/x/"><a href="/y">y</a><img src="../p%20q.png?v=1#f">
        <script src="https://cdn.example.com/x.js"></script><script>'<img src="no.png">'</script>
        <img src="data:image/png;base64,AA">"""
    references = find_references("docs/index.html", html.encode())
    assert references == {"docs/s.css", "i.svg", "p q.png"}


def test_missing_asset_of_a_page_is_named(aws: Aws, write_site: WriteSite) -> None:
    files = {**V1, "index.html": page("assets/none-12345678.js")}
    with pytest.raises(NotLive, match=r"index\.html: names assets/none-12345678\.js"):
        aws.deploy(write_site("v1", files))
    assert aws.read("index.html") == files["index.html"]


def test_no_verify_skips_the_check(aws: Aws, write_site: WriteSite) -> None:
    aws.deploy(write_site("v1", {"index.html": page("none.js")}), no_verify=True)
    assert aws.operations()[-1] == "PutObject _releases/manifest.json"


def test_file_deleted_meanwhile_is_named(aws: Aws, write_site: WriteSite) -> None:
    def delete(**_: Any) -> None:
        aws.bystander.delete_object(Bucket=aws.bucket, Key="favicon.svg")

    aws.cloudfront.meta.events.register("after-call.cloudfront.CreateInvalidation", delete)
    with pytest.raises(NotLive, match=r"favicon\.svg"):
        aws.deploy(write_site("v1", V1))
