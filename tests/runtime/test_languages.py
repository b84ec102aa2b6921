from __future__ import annotations

import pytest

from gateway.runtime.languages import Languages
from tests.runtime.conftest import Make


@pytest.mark.parametrize(
    ("wanted", "settled"),
    [
        ([], "en"),
        (["xx"], "en"),
        (["de"], "de"),
        (["de-AT"], "de"),
        (["DE-ch"], "de-CH"),
        (["de-CH-1996"], "de-CH"),
        (["pt"], "pt-BR"),
        (["pt-PT"], "pt-BR"),
        (["nl", "pt-BR", "de"], "pt-BR"),
        (["en-GB", "de"], "en"),
        (["deu"], "en"),
        ([""], "en"),
    ],
)
def test_the_first_wish_that_fits_is_settled_on(wanted: list[str], settled: str) -> None:
    assert Languages(["pt-BR", "de-CH", "de"]).settle(wanted) == settled


async def test_a_plan_knows_the_languages_of_its_replies(gateway: Make) -> None:
    made = await gateway(
        """
intent: one
input: {type: object}
output: 1
reply: {de: eins, en: one}
---
intent: two
input: {type: object}
output: 2
reply: [{when: output, text: {fr: deux}}, {text: two}]
""",
        {},
    )
    assert [made.plan.languages.settle([wanted]) for wanted in ("de-DE", "fr", "it")] == ["de", "fr", "en"]
