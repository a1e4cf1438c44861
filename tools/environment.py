"""Environments for the package managers that the project runs.

Variables and configuration files of the developer can redirect or restrict an installation:
`PIP_TARGET`, `PIP_USER`, `NODE_ENV=production`, npm's `omit`. Of the package managers' settings,
only those about the network and the caches are passed on.
"""

import configparser
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_PIP = {
    *("index_url", "extra_index_url", "find_links", "no_index", "keyring_provider"),
    *("cert", "client_cert", "trusted_host", "proxy", "default_timeout", "timeout", "retries"),
    *("cache_dir", "no_cache_dir"),
}
_UV = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX.*|EXTRA_INDEX_URL|FIND_LINKS|INSECURE_HOST|KEYRING_PROVIDER|OFFLINE"
    r"|NATIVE_TLS|SYSTEM_CERTS|CACHE_DIR|NO_CACHE|LINK_MODE|HTTP_TIMEOUT|HTTP_RETRIES)"
)
_NPM = re.compile(
    r"npm_config_(registry|.*proxy|no_?proxy|.*cafile|.*\bca\b|strict.ssl|cache|userconfig"
    r"|globalconfig|prefix|offline|prefer.offline|fetch.*|.*auth.*)",
    re.IGNORECASE,
)
# They change which packages an interpreter sees, or which interpreter is used.
_PYTHON = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX")

# pip's settings, with their names in uv. uv reads no pip.conf.
_UV_NAMES = {
    "index_url": "UV_DEFAULT_INDEX",
    "extra_index_url": "UV_INDEX",
    "find_links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted_host": "UV_INSECURE_HOST",
    "proxy": "HTTPS_PROXY",
}


def for_python(python: Path | str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for pip and uv, run by `python`.

    pip's configuration files count for both, but only their settings about the network.
    """
    configured = _pip_settings(python, environ)
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _PYTHON
        and not name.startswith("PIP_")
        and (not name.startswith("UV_") or _UV.fullmatch(name))
    }
    kept |= {f"PIP_{name.upper()}": value for name, value in configured.items()}
    kept |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for name, value in configured.items():
        if uv_name := _UV_NAMES.get(name):
            # pip separates by white space, uv separates `find_links` by commas.
            comma = name == "find_links"
            kept.setdefault(uv_name, ",".join(value.split()) if comma else value)
    # pip's order: the best version of all indexes. The hashes decide which files are accepted.
    kept.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return kept


def for_npm(path: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for npm, with `path` as its PATH."""
    kept = {
        name: value
        for name, value in environ.items()
        if name != "NODE_ENV"
        and (not name.lower().startswith("npm_config_") or _NPM.fullmatch(name))
    }
    # An npmrc's `omit=dev` would leave out the packages that build the page.
    return {
        **kept,
        "PATH": path,
        "npm_config_include": "dev",
        "npm_config_update_notifier": "false",
    }


def _pip_settings(python: Path | str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings about the network that pip takes from its files and from `environ`."""
    command = [str(python), "-I", "-m", "pip", "config", "debug"]
    kept = {name: value for name, value in environ.items() if name not in _PYTHON}
    # `pip config list` would be shorter, but its output is empty if a file has `user = true`.
    result = subprocess.run(  # noqa: S603 - an interpreter of ours, no shell
        command, capture_output=True, text=True, env=kept
    )
    files: dict[str, list[str]] = {level: [] for level in ("global", "user", "site", "env")}
    level = ""
    for line in result.stdout.splitlines():
        if heading := re.fullmatch(r"(\w+):", line):
            level = heading[1]
        elif (file := re.fullmatch(r"  (.+), exists: True", line)) and level in files:
            files[level].append(file[1])
    settings: dict[str, str] = {}
    for file_name in [name for names in files.values() for name in names]:
        parser = configparser.RawConfigParser()
        parser.read(file_name)
        for section in ("global", "install"):
            if parser.has_section(section):
                settings |= {key.replace("-", "_"): value for key, value in parser.items(section)}
    settings |= {
        name.removeprefix("PIP_").lower(): value
        for name, value in environ.items()
        if name.startswith("PIP_")
    }
    return {name: value.strip() for name, value in settings.items() if name in _PIP}
