from __future__ import annotations

from gateway.expressions import Label
from gateway.expressions.shape import TEXT
from gateway.planner.answered import Answered, Sent


def test_what_is_given_to_a_backend_goes_to_it() -> None:
    failure = frozenset({Label("pii", "crm.contact")})
    plain = Answered(TEXT, failure, frozenset({"crm"}))
    answered = plain.to_backend({"email": frozenset({"pii", "internal"}), "id": frozenset()})
    assert answered.sent == {Sent("email", "pii", "crm"), Sent("email", "internal", "crm")}
    assert (answered.shape, answered.failure, answered.sources) == (TEXT, failure, {"crm"})
    assert plain.to_backend({}) == plain
