"""The first draft of a source document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.importing.credentials import credentials
from gateway.importing.proposals import Proposal
from gateway.importing.servers import base_url
from gateway.importing.survey import Survey
from gateway.importing.wording import first_line
from gateway.importing.yaml_text import lines, literal, shown
from gateway.sources.openapi_library import map_at

IN_FORCE = frozenset({"batch", "idempotency"})
"""Keys that are written as they are; the others wait in a comment for the release that brings them."""

_MOST_PROPOSED = 200


def source_draft(survey: Survey, name: str, spec: str, proposals: Sequence[Proposal]) -> str:
    """The text of `specs/sources/<name>.yaml`; `spec` is the description's path in the configuration's folder."""
    return "\n".join(_lines(survey, name, spec, proposals)) + "\n"


def _lines(survey: Survey, name: str, spec: str, proposals: Sequence[Proposal]) -> Iterator[str]:
    url, known = base_url(survey, name)
    variable = f"{name.upper()}_URL"
    yield f"# A first draft, made from {shown(spec)} by `gateway import openapi`. It is yours: change what you like."
    yield f"# Every operation of the description can be called as {name}.<operationId>; only what needs further keys is named here."
    yield ""
    summary = first_line(map_at(survey.document.node, "info").get("title"))
    yield from lines({"source": name, **({"summary": literal(summary)} if summary else {}), "type": "openapi", "spec": literal(spec)})
    if not known:
        yield f"# The description names no host: set {variable}. What stands here never answers."
    yield f"servers: [\"${{ env.{variable} || '{url}' }}\"]"
    yield from _operations([proposal for proposal in proposals if proposal.key in IN_FORCE])
    yield from _credentials(survey, name)
    yield from _later([proposal for proposal in proposals if proposal.key not in IN_FORCE])


def _operations(proposals: Sequence[Proposal]) -> Iterator[str]:
    if not proposals:
        return
    yield ""
    yield "# Read out of the description. Whether the backend holds to it is for you to check."
    yield from lines({"operations": _by_operation(proposals)})
    yield from _left_out(proposals)


def _later(proposals: Sequence[Proposal]) -> Iterator[str]:
    if not proposals:
        return
    yield ""
    yield "# Read out of the description too. These keys come into force with a later release; until then they only bring warnings."
    yield from (f"# {line}" for line in lines({"operations": _by_operation(proposals)}))
    yield from _left_out(proposals)


def _by_operation(proposals: Sequence[Proposal]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for proposal in proposals[:_MOST_PROPOSED]:
        keys.setdefault(proposal.operation, {})[proposal.key] = proposal.value
    return keys


def _left_out(proposals: Sequence[Proposal]) -> Iterator[str]:
    if len(proposals) > _MOST_PROPOSED:
        yield f"# … and {len(proposals) - _MOST_PROPOSED} more: import again with `--only` for those that you use."


def _credentials(survey: Survey, name: str) -> Iterator[str]:
    wanted = list(credentials(survey, name))
    if wanted:
        yield ""
        yield "# The backend asks for one of these. Take it out of the comment, and set the secret before you start the gateway."
        yield from (f"#   {line}" for line in wanted)
