"""Policy `degradation`, planned: conditions with their places, texts with their locales, and where operators set levels."""

from __future__ import annotations

from pathlib import Path

from gateway.testing.scenario import Scenario, prepare, scenario

ROLES = "policy: roles\nroles: {customer: {allow: ['intent:*']}}\n"
INTENT = "intent: hello\noutput: {}\n"
POLICY = """policy: degradation
levels:
  maintenance: {when: "config.closed == `true`"}
  reduced: {when: "length(ctx.open_circuits) > `1`"}
replies: {unavailable: {en: "Not now, ${ user.id }.", fr: Pas maintenant.}, timeout: Too slow.}
"""
GATEWAY = "gateway: scenario\nspecs: [specs]\npolicies: [policies]\nidentity: [{scenario: {}}]\nconfig: {closed: true}\n"


def planned(folder: Path, policy: str | None = POLICY, gateway: str = GATEWAY) -> Scenario:
    files = {"gateway.yaml": gateway, "specs/hello.yaml": INTENT, "policies/roles.yaml": ROLES}
    return prepare(folder, files | ({} if policy is None else {"policies/degradation.yaml": policy}), {})


async def test_conditions_are_in_force_with_their_places(tmp_path: Path) -> None:
    made = planned(tmp_path)
    assert made.problems == []
    answer = await made.ask("hello", user={"id": "ann", "roles": ["customer"]})
    assert (answer.level, answer.error and answer.error.code) == ("maintenance", "maintenance")
    assert made.plan.levels is not None
    found = made.plan.levels.levels.conditions.find(
        {"user": {}, "tenant": {"id": "x"}, "config": {"closed": False}, "ctx": {"open_circuits": ["a", "b"]}}
    )
    assert (found.level, found.place) == ("reduced", "policies/degradation.yaml:4")


async def test_replies_are_said_in_their_locales_and_make_a_language_known(tmp_path: Path) -> None:
    made = planned(tmp_path, POLICY.replace("`true`", "`false`"))
    assert made.plan.languages.settle(["fr-CA"]) == "fr"
    exchange = made.exchange("nothing", user={"id": "ann", "roles": ["customer"]})
    exchange.locale = "fr"
    answer = await made.plan.handler(exchange)
    assert answer.reply is not None
    assert answer.reply.text == "Sorry, I could not find that.", "there is none of this code in French"


def test_what_conditions_and_texts_read_is_checked(tmp_path: Path) -> None:
    wrong = POLICY.replace("config.closed", "config.clsed").replace("user.id", "input.id").replace("open_circuits", "open_circuit")
    assert planned(tmp_path, wrong).codes == ["GW226", "GW226", "GW202"]


def test_texts_are_no_expressions_of_an_answer(tmp_path: Path) -> None:
    assert planned(tmp_path, POLICY.replace("user.id", "error.code")).codes == ["GW202"]


async def test_without_the_policy_operators_set_levels_all_the_same(tmp_path: Path) -> None:
    files = {"gateway.yaml": GATEWAY, "specs/hello.yaml": INTENT, "policies/roles.yaml": ROLES}
    async with scenario(tmp_path, files, {}) as made:
        keeper = made.plan.levels
        assert keeper is not None
        assert (not keeper.levels.conditions, keeper.levels.intents, keeper.levels.tenants) == (True, {"hello"}, {"default"})
        assert ("admit", "level") in made.plan.layers
