"""What a backend says of its failure, as far as callers may read it: a code, and a sentence that was meant for people.

The configuration tells where both stand (`error: {code, message}`); what stands there when a backend breaks is up to nobody: a stack,
its statement, the request as it came. So a code is a word, and a sentence is one line that tells of no address, path, SQL or code. Of a
status 5xx, which a backend answers where it doesn't know itself what happened, no sentence is read.
"""

from __future__ import annotations

import re
from typing import Any

LONGEST_CODE, LONGEST_SENTENCE = 64, 500

_CODE = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9_.:/-]{{0,{LONGEST_CODE - 1}}}")
_TELLS = re.compile(
    r"://"
    r"|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b|(?:[0-9A-Fa-f]{0,4}:){3,}"  # IP addresses
    r"|[A-Za-z][A-Za-z0-9.-]*:[0-9]{2,5}\b|\blocalhost\b|\.(?:internal|intra|local|localdomain|lan|corp|svc)\b"  # hosts
    r"|(?:^|[\s'\"(=])(?:/|[A-Za-z]:\\|\\\\)[A-Za-z0-9_.~-]"  # paths
    r"|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|WHERE)\s|\bselect\b.+\bfrom\b.+\bwhere\b"
    r"|\bTraceback\b|\b[A-Z][A-Za-z]+(?:Error|Exception)\b|\bat [A-Za-z0-9_$.<>]+\("  # stacks
)


def business_code(value: Any) -> str | None:
    """A word such as `E17`, or a whole number as text; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _CODE.fullmatch(value) and not _TELLS.search(value) else None


def business_message(value: Any, status_code: int) -> str | None:
    """A sentence; None for anything else, and for whatever came with a status 5xx."""
    if status_code >= 500 or not isinstance(value, str):
        return None
    fits = 0 < len(value) <= LONGEST_SENTENCE and value.isprintable()
    return value if fits and not _TELLS.search(value) else None
