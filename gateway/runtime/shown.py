"""What of an intent's answer a caller may see: its data and its errors (language §6). The reply's own values are masked as it is made."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from gateway.runtime.masking import Masking, Masks, Rendered, Rules
from gateway.sdk import (
    ERRORS_BY_CODE,
    Answer,
    BackendFailure,
    Conflict,
    ErrorEntry,
    GatewayError,
    NotFound,
    Scope,
)

ERRORS = "errors"
"""How errors are called in what is told of hidden fields."""

_OF_BACKENDS = (BackendFailure, NotFound, Conflict)
"""Errors whose words may be a backend's."""


class Shown(msgspec.Struct, frozen=True):
    """The masks of one intent. `data` is its `output`, None where no rule is about it; `errors` are the rules about what backends tell
    of their failures."""

    masking: Masking
    data: Rendered | None
    errors: Rules

    def hide(self, scope: Scope, answer: Answer) -> Collection[str]:
        """Leaves in `answer` what the caller of `scope` may see; what was there is kept for the reply. The paths of what is hidden: more
        come to them while the reply is made. Raises `ExpressionFault`."""
        masks = self.masking.chosen(scope)
        if self.data is not None and answer.error is None and not masks.held.isdisjoint(self.data.rules):
            answer.masked(self.data(scope))
        if not masks.held.isdisjoint(self.errors):
            self._hide_errors(answer, masks)
        return masks.paths

    def _hide_errors(self, answer: Answer, masks: Masks) -> None:
        """A masked word of a failure tells nobody anything: what stands in its place is the text of the code."""
        answer.errors = [self._entry(entry, masks) for entry in answer.errors]
        error = answer.error
        if isinstance(error, _OF_BACKENDS) and (error.detail_code is not None or error.message != error.default_message):
            masks.masked(error.message, self.errors, (ERRORS,))
            answer.cause, answer.error = error, _wordless(error)

    def _entry(self, entry: ErrorEntry, masks: Masks) -> ErrorEntry:
        standard = ERRORS_BY_CODE[entry.code].default_message if entry.code in ERRORS_BY_CODE else GatewayError.default_message
        if entry.step is None or (entry.detail_code is None and entry.message == standard):
            return entry
        masks.masked(entry.message, self.errors, (ERRORS,))
        return msgspec.structs.replace(entry, message=standard, detail_code=None)


def _wordless(error: GatewayError) -> GatewayError:
    made = type(error)(status_code=error.status_code)
    made.passing = error.passing
    return made
