"""The headers and the phase of each kind of file."""

import pytest

from infra.site.headers import IMMUTABLE, Phase, Serving

SHORT = "public, max-age=300"
UTF8 = "; charset=utf-8"


@pytest.mark.parametrize(
    ("key", "content_type", "cache_control", "phase"),
    [
        ("index.html", "text/html" + UTF8, "no-cache", Phase.PAGES),
        ("deep/er/page.htm", "text/html" + UTF8, "no-cache", Phase.PAGES),
        ("assets/page-aB3_-xYz.html", "text/html" + UTF8, IMMUTABLE, Phase.ASSETS),
        ("config.json", "application/json", "no-store", Phase.CONFIG),
        ("other/config.json", "application/json", SHORT, Phase.CONFIG),
        ("assets/index-BX3k_9-a.js", "text/javascript" + UTF8, IMMUTABLE, Phase.ASSETS),
        ("assets/index-12345678.css", "text/css" + UTF8, IMMUTABLE, Phase.ASSETS),
        ("assets/index-abcdefgh.js", "text/javascript" + UTF8, IMMUTABLE, Phase.ASSETS),
        ("assets/index-BX3k_9-a.js.map", "application/json", IMMUTABLE, Phase.ASSETS),
        ("assets/fonts/inter-D4Gqcpxu.woff2", "font/woff2", IMMUTABLE, Phase.ASSETS),
        ("assets/team-portrait.jpg", "image/jpeg", SHORT, Phase.CONFIG),
        ("assets/index-BX3k_9-.js", "text/javascript" + UTF8, SHORT, Phase.CONFIG),
        ("assets/index.js", "text/javascript" + UTF8, SHORT, Phase.CONFIG),
        ("index-BX3k_9-a.js", "text/javascript" + UTF8, SHORT, Phase.CONFIG),
        ("other/assets/index-BX3k_9-a.js", "text/javascript" + UTF8, SHORT, Phase.CONFIG),
        ("robots.txt", "text/plain" + UTF8, SHORT, Phase.CONFIG),
        ("LOGO.SVG", "image/svg+xml", SHORT, Phase.CONFIG),
        ("app.webmanifest", "application/manifest+json", SHORT, Phase.CONFIG),
        ("module.wasm", "application/wasm", SHORT, Phase.CONFIG),
        ("data.unheard-of", "application/octet-stream", SHORT, Phase.CONFIG),
        (".well-known/apple-app-site-association", "application/json", SHORT, Phase.CONFIG),
    ],
)
def test_headers_and_phase_by_key(
    key: str, content_type: str, cache_control: str, phase: Phase
) -> None:
    serving = Serving()
    assert serving.serve(key)[0] == (content_type, cache_control)
    assert serving.phase_of(key) is phase
    assert serving.is_immutable(key) is (cache_control == IMMUTABLE)


def test_assets_and_config_precede_pages() -> None:
    assert sorted(Phase) == [Phase.ASSETS, Phase.CONFIG, Phase.PAGES]
