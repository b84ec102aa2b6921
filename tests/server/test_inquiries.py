"""Questions between workers, under way."""

from __future__ import annotations

from gateway.server.inquiries import Inquiries, Inquiry


def ask(inquiries: Inquiries, asker: int, *others: int, until: float = 10.0, number: int = 7) -> int:
    return inquiries.begin(Inquiry(asker, number, "t", until, set(others), dict.fromkeys(others)))


def test_it_is_over_when_all_have_answered() -> None:
    inquiries = Inquiries()
    number = ask(inquiries, 0, 1, 2)
    inquiries.reply(number, 1, b"one")
    assert (inquiries.over(0.0), inquiries.topic(number), inquiries.due()) == ([], "t", 10.0)
    inquiries.reply(number, 2, None)
    (over,) = inquiries.over(0.0)
    assert (over.asker, over.number, over.replies) == (0, 7, {1: b"one", 2: None})
    assert (inquiries.topic(number), inquiries.due(), list(inquiries.over(99.0))) == (None, None, [])


def test_who_is_late_is_not_waited_for_nor_heard() -> None:
    inquiries = Inquiries()
    number = ask(inquiries, 0, 1, 2)
    inquiries.reply(number, 1, b"one")
    (over,) = inquiries.over(10.0)
    inquiries.reply(number, 2, b"late")
    assert over.replies == {1: b"one", 2: None}


def test_nobody_to_ask_is_an_answer() -> None:
    inquiries = Inquiries()
    ask(inquiries, 0)
    assert [each.replies for each in inquiries.over(0.0)] == [{}]


def test_a_worker_that_ends_is_not_waited_for_and_hears_nothing() -> None:
    inquiries = Inquiries()
    ask(inquiries, 0, 1)
    ask(inquiries, 1, 0, number=8)
    inquiries.gone(1)
    assert [(each.number, each.replies) for each in inquiries.over(0.0)] == [(7, {1: None})]
    assert inquiries.due() is None


def test_answers_to_nothing_and_from_who_was_not_asked_are_passed_over() -> None:
    inquiries = Inquiries()
    number = ask(inquiries, 0, 1)
    inquiries.reply(number, 5, b"x")
    inquiries.reply(99, 1, b"x")
    inquiries.reply(number, 1, b"first")
    inquiries.reply(number, 1, b"second")
    assert [each.replies for each in inquiries.over(0.0)] == [{1: b"first"}]
