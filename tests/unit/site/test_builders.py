"""Sites as common builders lay them out, and their immutable names."""

import pytest

from infra.site.errors import Misconfigured
from infra.site.headers import IMMUTABLE, Phase, Serving
from infra.site.plan import DAY, Options
from tests.unit.site.model import ModelBucket, site

#: By builder: the files of a build whose names have a hash, and the others.
BUILDERS: dict[str, tuple[list[str], list[str]]] = {
    "Vite": (
        ["assets/index-BX3k_9-a.js", "assets/logo-D4Gqcpxu.svg", "assets/app-Bq3k9xAaQ7Zt.js"],
        ["index.html", "vite.svg", "assets/team-portrait.jpg", "assets/IMG-20240131-1200.jpg"],
    ),
    "Create React App": (
        [
            "static/js/main.8f2a1b3c.js",
            "static/js/main.8f2a1b3c.js.LICENSE.txt",
            "static/js/787.12345678.chunk.js",
            "static/css/main.f855e6bc.css.map",
            "static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
        ],
        ["index.html", "asset-manifest.json", "static/js/main.js", "logo192.png", "robots.txt"],
    ),
    "Angular": (
        [
            "main-5X3ABCDE.js",
            "polyfills-FFHMD2TL.js",
            "styles-5INURTSO.css",
            "chunk-2LYWG7QC.js",
            "media/inter-ZQ4ABCDE.woff2",
            "main.0123456789abcdef.js",
        ],
        ["index.html", "favicon.ico", "ngsw.json", "ngsw-worker.js", "assets/i18n/en.json"],
    ),
    "Next.js": (
        [
            "_next/static/chunks/app/page-3f1c2d4e5a6b7c8d.js",
            "_next/static/css/7e7d96b1e6991756.css",
            "_next/static/Xy_abcDEF0123456789-x/_buildManifest.js",
            "_next/static/media/e4af272ccee01ff0-s.p.woff2",
        ],
        ["index.html", "404.html", "index.txt", "next.svg", "_next/data/build/index.json"],
    ),
    "Gatsby": (
        [
            "app-0a1b2c3d4e5f6a7b8c9d.js",
            "component---src-pages-index-js-0a1b2c3d4e5f6a7b8c9d.js",
            "webpack-runtime-0a1b2c3d4e5f6a7b8c9d.js.map",
            "styles.0a1b2c3d4e5f6a7b8c9d.css",
            "static/0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f/a1b2c/photo.webp",
            "static/icon-0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f.svg",
        ],
        ["index.html", "page-data/index/page-data.json", "page-data/app-data.json", "sw.js"],
    ),
}


@pytest.mark.parametrize("builder", BUILDERS)
def test_immutable_names_of_a_builder_are_known(builder: str) -> None:
    immutable, others = BUILDERS[builder]
    serving = Serving()
    assert [key for key in immutable if not serving.is_immutable(key)] == []
    assert [key for key in others if serving.is_immutable(key)] == []
    assert {serving.serve(key)[0].cache_control for key in immutable} == {IMMUTABLE}


@pytest.mark.parametrize("builder", BUILDERS)
def test_old_chunks_of_a_builder_are_kept(builder: str) -> None:
    immutable, others = BUILDERS[builder]
    bucket, now = ModelBucket(), 1.8e9
    bucket.deploy(site(dict.fromkeys([*immutable, *others], "1")), Options(), now)
    after = site({"index.html": "2"})
    bucket.deploy(after, Options(delete=True), now)
    assert bucket.objects.keys() == {*immutable, "index.html"}
    bucket.deploy(after, Options(delete=True), now + 7 * DAY)
    assert bucket.objects.keys() == {"index.html"}


@pytest.mark.parametrize(
    "key", ["photos/1234567890123456.jpg", "report-20240131.pdf", "posts/0123456789abcdef.html"]
)
def test_numbers_and_pages_are_not_immutable(key: str) -> None:
    assert not Serving().is_immutable(key)


def test_settings_come_before_the_defaults() -> None:
    serving = Serving.of_settings(
        {
            "site_immutable": [r"out/.+"],
            "site_content_types": {r"feed": "application/rss+xml"},
            "site_cache_control": {r"out/x\.js": "no-cache"},
        }
    )
    assert serving.is_immutable("out/y.js")
    assert not serving.is_immutable("assets/index-BX3k_9-a.js")
    assert serving.serve("feed")[0].content_type == "application/rss+xml"
    assert serving.serve("out/x.js")[0].cache_control == "no-cache"
    assert serving.phase_of("out/x.js") is Phase.ASSETS


@pytest.mark.parametrize(
    "settings",
    [
        {"site_immutable": "out/.+"},
        {"site_immutable": ["("]},
        {"site_content_types": ["a"]},
        {"site_cache_control": {"[": "no-cache"}},
    ],
)
def test_wrong_setting_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=r"config\.json"):
        Serving.of_settings(settings)
