"""The check at the end: what was published is live, and so is all that its pages load."""

from typing import Any

import pytest

from infra.site.errors import NotLive
from infra.site.verify import find_references
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, SiteOf, page


def test_references_are_those_that_a_browser_loads() -> None:
    html = """<!doctype html><base><link rel="stylesheet" href="s.css"><link rel=icon href=/i.svg>
        <link rel="canonical" href="/x/"><a href="/y">y</a><img src="../p%20q.png?v=1#f">
        <script src="https://cdn.example.com/x.js"></script><script>'<img src="no.png">'</script>
        <img src="data:image/png;base64,AA">"""
    found = find_references("docs/index.html", html.encode())
    assert found == {"docs/s.css", "i.svg", "p q.png"}


def test_file_that_a_page_lacks_is_named(aws: Aws, site_of: SiteOf) -> None:
    files = {**V1, "index.html": page("assets/none-12345678.js")}
    with pytest.raises(NotLive, match=r"index\.html: names assets/none-12345678\.js"):
        aws.deploy(site_of("v1", files))
    assert aws.read("index.html") == files["index.html"]


def test_no_verify_skips_the_check(aws: Aws, site_of: SiteOf) -> None:
    aws.deploy(site_of("v1", {"index.html": page("none.js")}), no_verify=True)
    assert aws.operations()[-1] == "PutObject _releases/manifest.json"


def test_file_that_was_deleted_meanwhile_is_named(aws: Aws, site_of: SiteOf) -> None:
    def delete(**_: Any) -> None:
        aws.bystander.delete_object(Bucket=aws.bucket, Key="favicon.svg")

    aws.cloudfront.meta.events.register("after-call.cloudfront.CreateInvalidation", delete)
    with pytest.raises(NotLive, match=r"favicon\.svg"):
        aws.deploy(site_of("v1", V1))
