"""The files of a built site: which are collected, and which are refused."""

import json
import os
from pathlib import Path

import pytest

from infra.site.errors import Misconfigured, Refused
from infra.site.files import checksum, collect
from infra.site.headers import Serving

CONFIG = {"api_path": "/api"}
# In two parts. Otherwise this file itself would look like a leak.
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PRIVATE = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    site = tmp_path / "dist"
    site.mkdir()
    (site / "index.html").write_text("<html>")
    return site


def add(source: Path, key: str, content: str = "x") -> None:
    (source / key).parent.mkdir(parents=True, exist_ok=True)
    (source / key).write_text(content)


def test_public_files_are_collected(source: Path) -> None:
    keys = ["assets/a b-12345678.js", ".well-known/security.txt", "ü/é.txt", "empty.txt"]
    for key in keys:
        add(source, key, "" if key == "empty.txt" else key)
    files = collect(source, CONFIG, Serving())
    assert files.keys() == {*keys, "index.html", "config.json"}
    for key, file in files.items():
        assert file.key == key
        assert file.sha256 == checksum(file.read())
        assert file.size == len(file.read())


def test_generated_config_replaces_the_file(source: Path) -> None:
    add(source, "config.json", '{"api_path": "http://localhost"}')
    assert json.loads(collect(source, CONFIG, Serving())["config.json"].read()) == CONFIG
    assert "localhost" in (source / "config.json").read_text(), "the source is changed"


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        (".env", "", "secret"),
        (".env.production", "", "secret"),
        ("deep/.env", "", "secret"),
        ("server.pem", "", "secret"),
        ("server.KEY", "", "secret"),
        ("id_rsa", "", "secret"),
        ("id_ed25519.pub", "", "secret"),
        (".git/config", "", "hidden"),
        (".DS_Store", "", "hidden"),
        (".well-known/.hidden", "", "hidden"),
        ("_releases/manifest.json", "{}", "records"),
        ("notes.txt", PRIVATE, "private key"),
        ("notes.txt", PRIVATE.replace("RSA ", ""), "private key"),
        ("notes.txt", PRIVATE.replace("RSA ", "OPENSSH "), "private key"),
        ("assets/app-12345678.js", f'const k="{KEY_ID}";', "access key id"),
        ("assets/app-12345678.js", f"k={KEY_ID.replace('AKIA', 'ASIA')}", "access key id"),
        ("notes.txt", f"aws_secret_access_key = {SECRET}", "secret access key"),
        ("notes.txt", f"export AWS_SECRET_ACCESS_KEY={SECRET}\n", "secret access key"),
        ("app.js", f'{{secretAccessKey:"{SECRET}"}}', "secret access key"),
    ],
)
def test_private_file_is_refused(key: str, content: str, reason: str, source: Path) -> None:
    add(source, key, content)
    with pytest.raises(Refused, match=reason) as refused:
        collect(source, CONFIG, Serving())
    (_, line) = str(refused.value).splitlines()
    assert line.startswith(f"  {key}: ")


@pytest.mark.parametrize(
    "content",
    [
        f"x{KEY_ID}",
        f"{KEY_ID}0",
        KEY_ID[:-1],
        KEY_ID.lower(),
        "var aws_secret_access_key = config.secret",
        f"{{secretAccessKey:'{SECRET}0'}}",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_text_like_a_secret_is_published(content: str, source: Path) -> None:
    add(source, "assets/app-12345678.js", content)
    assert "assets/app-12345678.js" in collect(source, CONFIG, Serving())


def test_every_refused_file_is_named(source: Path) -> None:
    for key in (".env", "a.pem", "ok.txt"):
        add(source, key)
    with pytest.raises(Refused) as refused:
        collect(source, CONFIG, Serving())
    _, *lines = str(refused.value).splitlines()
    assert [line.partition(":")[0].strip() for line in lines] == [".env", "a.pem"]


@pytest.mark.parametrize("relative", [True, False])
def test_link_out_of_the_site_is_refused(relative: bool, source: Path, tmp_path: Path) -> None:
    outside = tmp_path / "dist-outside"
    outside.mkdir()
    (outside / "file.txt").write_text("private")
    start = Path("..") if relative else tmp_path
    (source / "link.txt").symlink_to(start / "dist-outside" / "file.txt")
    with pytest.raises(Refused, match=r"link\.txt: a link that leads out of the site"):
        collect(source, CONFIG, Serving())


def test_link_within_the_site_is_published(source: Path) -> None:
    (source / "home.html").symlink_to("index.html")
    assert collect(source, CONFIG, Serving())["home.html"].read() == b"<html>"


@pytest.mark.parametrize("target", [".", "nothing", "link"])
def test_link_to_no_file_is_refused(target: str, source: Path) -> None:
    (source / "link").symlink_to(target)
    with pytest.raises(Refused, match="link: "):
        collect(source, CONFIG, Serving())


def test_named_pipe_is_refused_unread(source: Path) -> None:
    os.mkfifo(source / "pipe")
    with pytest.raises(Refused, match="pipe: neither a file"):
        collect(source, CONFIG, Serving())


def test_site_without_index_is_refused(source: Path) -> None:
    (source / "index.html").unlink()
    with pytest.raises(Refused, match=r"no index\.html"):
        collect(source, CONFIG, Serving())


def test_absent_directory_is_refused(source: Path) -> None:
    with pytest.raises(Misconfigured, match="no directory"):
        collect(source / "nowhere", CONFIG, Serving())


def test_decomposed_name_is_published_composed(source: Path) -> None:
    add(source, "cafe\u0301.txt")
    files = collect(source, CONFIG, Serving())
    assert "caf\u00e9.txt" in files
    assert files["caf\u00e9.txt"].read() == b"x"


def test_names_with_one_composed_form_are_refused(source: Path) -> None:
    for key in ("cafe\u0301.txt", "caf\u00e9.txt"):
        add(source, key)
    with pytest.raises(Refused, match="composed and decomposed"):
        collect(source, CONFIG, Serving())


@pytest.mark.parametrize("name", ["a\x01.txt", "a\n.txt", "a\x7f.txt"])
def test_control_character_in_a_name_is_refused(name: str, source: Path) -> None:
    add(source, name)
    with pytest.raises(Refused, match="control character") as refused:
        collect(source, CONFIG, Serving())
    assert ascii(name) in str(refused.value)
