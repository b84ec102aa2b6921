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


async def test_checks_are_those_of_every_intent_inside(gateway: Make) -> None:
    """However many ways lead to them: following each of these would take a lifetime."""
    inner = "---\nintent: i0\naccess: {internal: true}\nguard: [{check: user.id == 'a'}]\noutput: 1\n---\nintent: free\noutput: 1\n"
    levels = "".join(
        f"---\nintent: i{level}\nsteps: {{{', '.join(f's{call}: {{call: intent.i{level - 1}}}' for call in range(40))}}}\n"
        f"output: ${{ [{', '.join(f'steps.s{call}' for call in range(40))}] }}\n"
        for level in range(1, 8)
    )
    made = await gateway(intent("output: 1\n") + inner + levels, {})
    checks = {card.name: card.checks for card in made.plan.catalogue}
    assert checks == {"ask": False, "free": False, **{f"i{level}": True for level in range(8)}}
