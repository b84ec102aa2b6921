"""Every code of a finding: severity and title, why it is unwise, and what to do. `gateway explain GA101` prints it.

Severities: `high` may let somebody in, or data or a secret out; `medium` may take the gateway down, or let more through than was
thought of; `low` would be better otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast

import msgspec

Severity = Literal["high", "medium", "low"]


class Entry(msgspec.Struct, frozen=True):
    """What there is to say about one code."""

    severity: Severity
    title: str
    why: str
    advice: str


_TEXT = """
GA101 medium The gateway listens to other machines without TLS
    Whoever is on the way reads credentials and answers.
    Do: listen on 127.0.0.1 behind a proxy that speaks TLS, or write `server.tls`.
GA102 high The operators' listener is open to other machines
    Metrics tell much about who asks for what, and everything that operators can do is there.
    Do: write an address of this machine only, such as `admin: 127.0.0.1:9090`.
GA103 medium A backend is reached without TLS
    Between the gateway and another machine, arguments, answers and credentials can be read and changed.
    Do: use `https://`, or a proxy on the same machine that does.
GA104 medium A whole database source may write
    `read_only: false` at the source takes the database's own protection from every statement, those that only read included.
    Do: take it out there, and write it at the operations that change something.
GA201 medium Nothing limits how much a caller may ask for
    One caller, by mistake or not, can take all that the gateway and the backends behind it have.
    Do: write a policy `rate_limits`, or an intent's `limits`.
GA202 medium A backend without a circuit breaker
    While it fails, every call still waits for it and adds to its load.
    Do: write `circuit_breaker`, named in a policy `circuit_breakers` or inline.
GA203 medium A backend without a timeout of its own
    The default, 5s for each call, is longer than most callers wait, and nobody chose it.
    Do: write `timeout` at the source, a little above the slowest answer that is still of use.
GA204 low Reads that are tried only once
    A connection that breaks or a server that restarts becomes a failed answer, although the next try would do.
    Do: write `retry: {max: 1, codes: [connect, 502, 503, 504]}`.
GA205 medium A very long deadline
    Callers give up long before 30s; what goes on for them keeps connections and memory taken.
    Do: shorten `deadline`, or make the intent asynchronous.
GA206 medium One request may become very many
    The length of a list that callers or backends decide about multiplies into requests to a backend.
    Do: lower `max_items`, or give the operation a `batch`.
GA301 high A secret stands in a file
    Files are copied, shown in reviews and kept in histories for ever. What has stood in one counts as known.
    Do: replace the secret where it is used, and write `${ secret.name }` here.
GA302 high Callers' credentials are passed on to a backend
    The backend, and whoever reads its logs, can act as the caller everywhere else too.
    Do: take the header out of `forward`; give the backend a credential of the gateway's own with `auth`.
GA303 medium Very many headers are passed on
    Each header that is passed on can change what the backend does, and divides what callers may share.
    Do: name only what the backend needs.
GA401 medium Personal data without a classification
    By their names these fields hold personal data, and they are told in answers. Without a class, no mask can hide them.
    Do: write `classification: pii` at the fields, and a rule in a policy `masking`.
GA402 medium Classified data and no mask
    A class by itself hides nothing: whoever is cleared for it sees the whole value, and so do logs of what was answered.
    Do: write a rule for the class in a policy `masking`.
GA403 medium A personal answer may be old
    `stale_if_error` hands out what was true for this person some time ago, rights that have been taken away included.
    Do: take it out, or keep the time as short as a lost right may still count.
GA501 high Callers without a credential may change something
    Nobody can be asked afterwards, and nothing keeps a program from doing it very often.
    Do: allow the intent to a role that callers have to prove.
GA502 high Whatever is added is open to everybody
    A pattern that fits every name allows intents or routes that nobody has thought of yet to callers without a credential.
    Do: name what they may use.
GA503 medium A key that opens everything
    An API key doesn't end and is easily copied. Whoever has this one may do all that the pattern fits.
    Do: give the holder a role with what it needs.
GA504 medium Callers without a credential see how answers are made
    With permission `trace` answers name sources, operations and times.
    Do: allow `trace` to a role of engineers.
GA601 low Unknown inputs are let through
    A misspelt input is silently ignored, and steps may hand on what nobody looked at.
    Do: write `additionalProperties: false` in `input`.
GA602 low Inputs without bounds
    A text or a list can be as large as a whole request, and goes on to backends like this.
    Do: write `maxLength`, `pattern`, `enum` or `format` for texts and `maxItems` for lists.
GA701 low Nobody can see how it runs
    Without metrics, failures and slowness are first noticed by callers.
    Do: take `metrics: false` out.
GA702 low An intent that says nothing about itself
    Lists, editors and language models that pick an intent show its summary.
    Do: write `summary`.
"""


def _entries(text: str) -> dict[str, Entry]:
    found = {}
    for block in re.split(r"^(?=GA)", text, flags=re.MULTILINE)[1:]:
        heading, *lines = block.strip().splitlines()
        code, severity, title = heading.split(" ", 2)
        why, _, advice = " ".join(line.strip() for line in lines).partition(" Do: ")
        found[code] = Entry(cast("Severity", severity), title, why, advice)
    return found


ENTRIES: Mapping[str, Entry] = MappingProxyType(_entries(_TEXT))
"""Every code."""


def explain(code: str) -> str | None:
    """The long text for a code, in any case; None for an unknown one."""
    entry = ENTRIES.get(code.upper())
    return None if entry is None else f"{code.upper()}: {entry.title} ({entry.severity})\n\n{entry.why}\n\nWhat to do: {entry.advice}\n"
