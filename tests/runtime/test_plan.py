from __future__ import annotations

from gateway.runtime.plan import ServerSettings
from tests.runtime.conftest import Make
from tests.runtime.specs import intent


def test_another_port_leaves_the_rest() -> None:
    settings = ServerSettings(host="::1", port=1, admin_port=2)
    assert settings.at(None) is settings
    assert (settings.at(0).port, settings.at(0).host, settings.at(0).admin_port) == (0, "::1", 2)


async def test_a_plan_tells_what_its_steps_call(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          order: {call: erp.order, with: {id: "1"}}
          words: {let: {id: "${ steps.order.id }"}}
        output: "${ steps.words }"
        """)
        + "---\nintent: outer\nsteps: {ask: {call: intent.ask}}\noutput: '${ steps.ask }'\n",
        {},
    )
    catalogue = made.plan.catalogue
    assert [card.name for card in catalogue] == ["ask", "outer"]
    ask, outer = (catalogue.get(name) for name in ("ask", "outer"))
    assert ask is not None
    assert outer is not None
    assert [(step.source, step.operation) for step in (*ask.steps, *outer.steps)] == [("erp", "order"), (None, None), (None, "intent.ask")]
    assert catalogue.get("none") is None
