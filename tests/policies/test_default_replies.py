"""What is said where an intent has nothing to say: by code, in the caller's language, and nothing that tells too much."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.default_replies import GROUPS, OTHER, SILENT, TEXTS, DefaultReplies
from gateway.sdk import ERRORS_BY_CODE, CircuitOpen, Forbidden, GatewayError, Scope, Timeout, Unauthorized, Unavailable
from gateway.sdk import ExpressionFault as Fault


class Text:
    """A text that is written, or a function of the scope."""

    references = frozenset[tuple[str | int, ...]]()
    source = ""

    def __init__(self, text: Any) -> None:
        self._text = text
        self.constant = isinstance(text, str)

    def __call__(self, scope: Scope, /) -> Any:
        return self._text(scope) if callable(self._text) else self._text


def said(replies: DefaultReplies, error: GatewayError | None, locale: str = "en", scope: Scope | None = None) -> str | None:
    reply = replies(error, locale, scope)
    return None if reply is None else reply.text


def written(**texts: Any) -> DefaultReplies:
    return DefaultReplies(
        {
            name: {locale: Text(text) for locale, text in (given if isinstance(given, dict) else {"": given}).items()}
            for name, given in texts.items()
        }
    )


@pytest.mark.parametrize("code", sorted({*ERRORS_BY_CODE} - SILENT))
def test_each_error_has_words_in_every_language_of_ours(code: str) -> None:
    group = GROUPS.get(code, OTHER)
    error = ERRORS_BY_CODE[code]()
    assert [said(DefaultReplies(), error, locale) for locale in ("en", "de", "de-CH", "fr")] == [
        TEXTS[group]["en"], TEXTS[group]["de"], TEXTS[group]["de"], TEXTS[group]["en"],
    ]  # fmt: skip


def test_groups_are_of_codes_that_there_are_and_have_words() -> None:
    assert set(GROUPS) <= set(ERRORS_BY_CODE)
    assert set(GROUPS.values()) | {OTHER} == set(TEXTS)
    assert all(set(texts) == {"en", "de"} for texts in TEXTS.values())
    assert not any(word in text for texts in TEXTS.values() for text in texts.values() for word in ("<", "&", "${", "http"))


def test_a_fault_of_the_gateway_itself_is_apologised_for() -> None:
    assert said(DefaultReplies(), None, "de") == TEXTS[OTHER]["de"]
    assert said(written(other="Oh dear."), None) == "Oh dear."


def test_who_is_not_let_in_is_told_nothing_unless_it_is_written() -> None:
    for error in (Unauthorized(), Forbidden()):
        assert said(DefaultReplies(), error) is None
        assert said(written(other="Oh dear."), error) is None
    assert said(written(forbidden="Ask us for access."), Forbidden()) == "Ask us for access."


def test_a_code_is_nearer_than_its_group_and_what_is_written_than_what_is_ours() -> None:
    replies = written(unavailable="Not now.", timeout="Too slow.")
    assert [said(replies, error) for error in (Unavailable(), CircuitOpen(), Timeout())] == ["Not now.", "Not now.", "Too slow."]


@pytest.mark.parametrize(
    ("texts", "locale", "text"),
    [
        ({"de": "a", "de-CH": "b", "en": "c"}, "de-CH", "b"),
        ({"de": "a", "de-CH": "b", "en": "c"}, "de-AT", "a"),
        ({"de": "a", "": "x"}, "fr", "x"),
        ({"de": "a", "en": "c"}, "fr", "c"),
        ({"fr": "a"}, "de", TEXTS["unavailable"]["de"]),
        ({"fr": "a"}, "it", TEXTS["unavailable"]["en"]),
    ],
)
def test_the_nearest_language_is_taken(texts: dict[str, str], locale: str, text: str) -> None:
    assert said(written(unavailable=texts), Unavailable(), locale) == text


def test_a_text_that_reads_who_asks_is_for_who_is_known() -> None:
    replies = written(unavailable=lambda scope: f"Sorry, {scope['user']['id']}.")
    assert said(replies, Unavailable(), scope={"user": {"id": "ann"}}) == "Sorry, ann."
    assert said(replies, Unavailable()) == TEXTS["unavailable"]["en"]


@pytest.mark.parametrize("gives", [None, 7, ["a"]])
def test_what_gives_no_text_is_replaced_by_ours(gives: Any) -> None:
    assert said(written(unavailable=lambda _: gives), Unavailable(), scope={}) == TEXTS["unavailable"]["en"]


def test_a_text_that_fails_is_replaced_by_ours() -> None:
    def fail(_: Scope) -> Any:
        raise Fault

    assert said(written(timeout=fail, unavailable="Not now."), Timeout(), scope={}) == "Not now."
    assert said(written(unavailable=fail), Unavailable(), scope={}) == TEXTS["unavailable"]["en"]
