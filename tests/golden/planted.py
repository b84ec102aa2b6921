"""Secrets planted into configurations, wherever one may stand and however it may be written, right and wrong."""

from __future__ import annotations

import re

from tests.golden.cases import Case

CANARY = "kanarie7731vogel"
"""Looked for in everything that is printed. No part of it is a word of ours."""
PREIMAGE = "kanariekey9942"
"""An API key of which a configuration holds the hash only."""
_KNOWN_HASH = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
_PLANTED_HASH = "ed0e3bded8621a35c17dfbdd52d749d2528f0ac54fc21807189963e646f4b70a"
_SECRET = re.compile(r"secret\.([A-Za-z_]\w*)")
_KEPT = ("GATEWAY_ENV", "GATEWAY_SECRETS_DIR")

SOUND_LAYOUTS = {
    "filled": """
source: planted
type: http
servers: ["http://backend.test"]
headers: {X-Key: "${ secret.planted }", X-Other: "key ${ secret.kept_in_a_file }"}
operations: {a: {request: "GET /a"}}
---
source: planted_rows
type: sql
url: sqlite:///${ secret.planted }.db
operations: {a: {query: SELECT 1}}
---
intent: planted
access: {roles: [customer]}
steps: {a: {call: planted.a}, b: {call: planted_rows.a}}
output: {a: "${ steps.a }", b: "${ steps.b }"}
""",
    "plain": f"""
source: planted
type: http
servers: ["http://backend.test"]
headers: {{Authorization: "Bearer {CANARY}", X-Api-Key: {CANARY}}}
operations: {{a: {{request: "GET /a"}}}}
---
source: planted_rows
type: sql
url: postgresql://gateway:{CANARY}@backend.test/rows
operations: {{a: {{query: SELECT 1}}}}
---
intent: planted
access: {{roles: [customer]}}
steps: {{a: {{call: planted.a}}, b: {{call: planted_rows.a}}}}
output: {{a: "${{ steps.a }}", b: "${{ steps.b }}"}}
""",
}
"""Documents that are accepted."""

_HTTP = 'type: http\nservers: ["http://backend.test"]\noperations: {a: {request: "GET /a"}}\n'
BROKEN_LAYOUTS = {
    "misspelt_key": f"{_HTTP}auth: {{basic: {{username: gateway, pasword: {CANARY}}}}}\n",
    "wrong_type": f"{_HTTP}auth: {{basic: {{username: gateway, password: [{CANARY}]}}}}\n",
    "wrong_kind": f"{_HTTP}auth: {{basik: {{username: gateway, password: '{CANARY}'}}}}\n",
    "beside_a_fault": f'{_HTTP}auth: {{basic: {{username: gateway, password: "{CANARY}", relm: x}}}}\n',
    "in_a_server": f'type: http\nservers: ["http://gateway:{CANARY}@backend.test", 5]\noperations: {{a: {{request: "GET /a"}}}}\n',
    "with_an_at": f'type: http\nservers: ["http://gateway:{CANARY}@x@backend.test"]\noperations: {{a: {{request: "GET /a"}}}}\n',
    "no_url": f"type: sql\nurl: gateway:{CANARY}@backend.test/rows\noperations: {{a: {{query: SELECT 1}}}}\n",
    "unknown_driver": f"type: sql\nurl: nosuch+driver://gateway:{CANARY}@backend.test/rows\noperations: {{a: {{query: SELECT 1}}}}\n",
    "bad_port": f"type: sql\nurl: postgresql://gateway:{CANARY}@backend.test:port/rows\noperations: {{a: {{query: SELECT 1}}}}\n",
    "in_a_default": f"{_HTTP}headers: {{Authorization: \"${{ env.NOT_SET && secret.not_set || '{CANARY}' }}\", x: []}}\n",
    "beside_an_expression": f"{_HTTP}headers: {{Authorization: 'Basic {CANARY} ${{ env.NOT_SET }}'}}\n",
    "a_mapping": f"{_HTTP}auth: {{api_key: {{header: X, value: {{a: {CANARY}, b: [{CANARY}]}}}}}}\n",
    "in_a_block": f"{_HTTP}auth:\n  basic:\n    username: gateway\n    password: >-\n      {CANARY}\n      {CANARY} more\n    relm: x\n",
    "in_the_next_line": f"{_HTTP}auth:\n  basic:\n    username: gateway\n    password:\n      {CANARY}: x\n",
    "twice": f"{_HTTP}auth: {{basic: {{username: gateway, password: {CANARY}, password: {CANARY}2}}}}\n",
    "a_tag": f"{_HTTP}auth: {{basic: {{username: gateway, password: !{CANARY} }}}}\n",
    "an_alias": f"{_HTTP}auth: {{basic: {{username: gateway, password: *{CANARY} }}}}\n",
    "a_zero": f"{_HTTP}auth: {{basic: {{username: gateway, password: {CANARY}, x: 007}}}}\n",
    "unclosed_quote": f'{_HTTP}auth: {{basic: {{username: gateway, password: "{CANARY}}}}}\n',
    "unclosed_brace": f"{_HTTP}auth: {{basic: {{username: gateway, password: {CANARY}\nheaders: {{}}\n",
    "a_tab": f"{_HTTP}auth:\n\tpassword: {CANARY}\n",
    "a_second_colon": f"{_HTTP}password: x: {CANARY}\n",
    "behind_a_quote": f'{_HTTP}auth: {{basic: {{username: gateway, password: "x" {CANARY}}}}}\n',
    "unreadable_expression": f"{_HTTP}headers: {{Authorization: '${{ concat({CANARY} '}}\n",
    "in_an_expression": f"{_HTTP}headers: {{Authorization: \"${{ concat('{CANARY}', env.NOT_SET) }}\"}}\n",
    "wrong_header": f"{_HTTP}headers: {{Authorization: {{x: {CANARY}}}}}\n",
    "bytes": f"{_HTTP}auth: {{basic: {{username: gateway, password: {CANARY}\x07}}}}\n",
}
"""Documents of a source, without its name, that are refused."""


def planted(case: Case, layout: str) -> Case:
    """The case with `layout` beside it, each of its own secrets and variables a canary, and a known key."""
    written = case.contents
    named = {name for content in written.values() for name in _SECRET.findall(content.decode("utf-8", "replace"))}
    in_files = {f"kept/{name}": CANARY.encode() for name in named | {"kept_in_a_file"}}
    environ = {name: value if name in _KEPT or not value else CANARY for name, value in case.environ.items()}
    environ = {"GATEWAY_SECRETS_DIR": "{folder}/kept", **environ, "GATEWAY_SECRET_PLANTED": CANARY}
    raw = {name: content.replace(_KNOWN_HASH.encode(), _PLANTED_HASH.encode()) for name, content in written.items()}
    return Case(raw=raw | in_files | {"specs/planted.yaml": layout.encode()}, environ=environ, links=case.links, gone=case.gone)


def refused(name: str) -> str:
    """One of `BROKEN_LAYOUTS` as a file."""
    return f"source: planted\n{BROKEN_LAYOUTS[name]}"
