"""How a description wants callers to prove themselves, as lines of YAML that a person takes out of their comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gateway.importing.survey import Survey
from gateway.importing.yaml_text import scalar, shown
from gateway.sources.openapi_library import map_at

_MOST_SCHEMES = 8
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_URL = re.compile(r"https?://[A-Za-z0-9._~%!&()*+,;=:@/?-]{1,500}")


def credentials(survey: Survey, name: str) -> Iterator[str]:
    """Lines of comment, without `#`. Nothing where the description has no security schemes."""
    document: Any = survey.document.node
    if survey.index.version == "2.0":
        schemes = map_at(document, "securityDefinitions")
    else:
        schemes = map_at(map_at(document, "components"), "securitySchemes")
    for title, written in list(schemes.items())[:_MOST_SCHEMES]:
        target = survey.library.follow(survey.document.below(written))
        scheme = target.node if target is not None and isinstance(target.node, dict) else {}
        yield f"{shown(title)[:60]}:"
        yield from (f"  {line}" for line in _scheme(scheme, name))


def _scheme(scheme: dict[str, Any], name: str) -> Iterator[str]:
    kind = str(scheme.get("type", "")).lower()
    way = str(scheme.get("scheme", "")).lower()
    header = scheme.get("name")
    if kind == "basic" or (kind == "http" and way == "basic"):
        yield f'auth: {{basic: {{username: "${{ secret.{name}_username }}", password: "${{ secret.{name}_password }}"}}}}'
    elif kind == "http" and way == "bearer":
        yield from _bearer(name)
    elif kind == "apikey" and scheme.get("in") == "header" and isinstance(header, str) and _HEADER.fullmatch(header):
        yield f'headers: {{{scalar(header)}: "${{ secret.{name}_key }}"}}'
    elif kind == "apikey":
        yield f"a key as `{shown(str(header))[:60]}` in the {shown(str(scheme.get('in')))[:20]}: such keys can't be secrets yet"
    elif kind == "oauth2":
        yield from _oauth2(scheme, name)
    else:
        yield f"`{shown(kind)[:40]}`: the gateway has no such way of its own; a token got elsewhere can be sent:"
        yield from _bearer(name)


def _bearer(name: str) -> Iterator[str]:
    yield f'headers: {{Authorization: "Bearer ${{ secret.{name}_token }}"}}'


def _oauth2(scheme: dict[str, Any], name: str) -> Iterator[str]:
    flows = map_at(scheme, "flows")
    machine = map_at(flows, "clientCredentials") or (scheme if scheme.get("flow") == "application" else {})
    url = machine.get("tokenUrl")
    if isinstance(url, str) and _URL.fullmatch(url):
        yield "auth:"
        yield f'  oauth2: {{token_url: {scalar(url)}, client_id: "${{ secret.{name}_client_id }}", ' + (
            f'client_secret: "${{ secret.{name}_client_secret }}"}}'
        )
    else:
        yield "OAuth 2 for people. A token got elsewhere can be sent:"
        yield from _bearer(name)
