"""Where a description says that its backend is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gateway.importing.survey import Survey
from gateway.sources.openapi_library import map_at

_BASE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!&()*+,;=:@/-]*)?", re.IGNORECASE)
_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+/?")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_LONGEST = 500


def base_url(survey: Survey, name: str) -> tuple[str, bool]:
    """The URL to use where the environment names none, and whether the description names it.

    The first with `https` wins. Where the description has only a path, or nothing that can be used, the host is one that never
    exists (`.invalid`, RFC 2606), so that nobody's else is called by accident.
    """
    written = list(_written(survey))
    whole = [url for url in written if len(url) <= _LONGEST and _BASE_URL.fullmatch(url)]
    if whole:
        return min(whole, key=lambda url: not url.lower().startswith("https:")).rstrip("/"), True
    path = next((url for url in written if len(url) <= _LONGEST and _BASE_PATH.fullmatch(url)), "")
    return f"https://{name.replace('_', '-').strip('-')}.invalid{path.rstrip('/')}", False


def _written(survey: Survey) -> Iterator[str]:
    document: Any = survey.document.node
    if survey.index.version == "2.0":
        schemes = document.get("schemes")
        host, path = document.get("host"), document.get("basePath")
        below = path if isinstance(path, str) else ""
        if isinstance(host, str) and host:
            for scheme in schemes if isinstance(schemes, list) and schemes else ["https"]:
                yield f"{scheme}://{host}{below}"
        else:
            yield below
        return
    listed = document.get("servers")
    for server in listed if isinstance(listed, list) else []:
        if isinstance(server, dict) and isinstance(server.get("url"), str):
            yield _filled(server["url"], map_at(server, "variables"))


def _filled(url: str, variables: dict[str, Any]) -> str:
    """The URL with the default of each variable (OpenAPI 3.1 §4.8.6)."""

    def value(found: re.Match[str]) -> str:
        default = map_at(variables, found.group(1)).get("default")
        return default if isinstance(default, str) else found.group()

    return _VARIABLE.sub(value, url)
