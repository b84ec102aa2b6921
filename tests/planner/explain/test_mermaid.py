"""The account as a drawing. That mermaid itself reads it is shown with the real thing, where it is installed."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from gateway.app import prepare
from gateway.planner.explain import Account, account
from gateway.planner.explain.account import Line, RungAccount
from gateway.planner.explain.mermaid import render
from tests.npm import CACHE, node, npm_package
from tests.planner.explain.test_text import an_account, step

ROOT = Path(__file__).parents[3]
READER = Path(__file__).parent / "mermaid_reader.mjs"
HOSTILE = (
    'end', '"]', "`a`", "%%{init: {}}%%", "--> x", "a\nend\nb", "subgraph", "style s0 fill:#f00;", "classDef x fill:#f00,a:#1;",
    "<script>alert(1)</script>", "#quot;", "#35;", "&amp;", "x;y", "日本 ö", "\x1b[2J", "click s0 call a()", "[[((", "|", "direction LR",
    "",
)  # fmt: skip
STATEMENT = re.compile(
    r"  (?:\w+(?:\(\[{label}\]\)|\[\[{label}\]\]|\[{label}\]|\({label}\))|\w+ (?:-->|==>|-\. else \.->) \w+)".replace(
        "{label}", r'"(?:[A-Za-z0-9 _.,=()+]|#\d+;|<br/>)*"'
    )
)


def hostile() -> Account:
    """An account with every hostile text in every place."""
    steps = []
    for number, text in enumerate(HOSTILE):
        told = {
            "action": text,
            "when": text,
            "foreach": text,
            "ensures": (Line(text, text),),
            "ladder": (RungAccount(0, text, text, 1.0), RungAccount(1, "return null", None, None)),
            "after": (steps[0].id,) if steps else (),
            "barriers": (steps[0].id,) if number % 2 else (),
            "effect": ("read", "write", "pure")[number % 3],
        }
        steps.append(step(f"{text} {number}", **told))
    return an_account(*steps, intent=HOSTILE[1])


def drawings() -> dict[str, Account]:
    prepared = prepare(ROOT, environ={})
    assert prepared.plan is not None
    real = {intent.name: account(prepared.planned, prepared.plan, intent) for intent in prepared.plan.catalogue}
    return real | {"hostile": hostile(), "empty": an_account()}


def test_what_it_looks_like() -> None:
    fetched = step("order", ladder=(RungAccount(2, "return null", "error.retryable", None),), when="input.x > `1`")
    written = step("note", effect="write", after=("order",), barriers=("order",), longest=0.0)
    joined = step("sum", effect="pure", action="let a", after=("order",), longest=0.0)
    assert render(an_account(fetched, written, joined)).splitlines() == [
        "flowchart TD",
        '  ask(["ask"])',
        '  s0["order<br/>call erp.order<br/>1s at most<br/>when input.x #62; #96;1#96;"]',
        '  s0r2(["return null<br/>when error.retryable"])',
        '  s1[["note<br/>call erp.order"]]',
        '  s2("sum<br/>let a")',
        '  done(["answer<br/>worst case 1s of 2s"])',
        "  ask --> s0",
        "  s0 -. else .-> s0r2",
        "  s0 ==> s1",
        "  s0 --> s2",
        "  s1 --> done",
        "  s2 --> done",
    ]


def test_nothing_to_do() -> None:
    assert render(an_account()).splitlines()[-1] == "  ask --> done"


def test_no_text_leaves_its_label() -> None:
    first, *lines = render(hostile()).splitlines()
    assert first == "flowchart TD"
    assert [line for line in lines if not STATEMENT.fullmatch(line)] == []


def test_long_texts_are_cut() -> None:
    text = render(an_account(step("a", when="x" * 5000)))
    assert max(map(len, text.splitlines())) < 300


def test_what_a_label_says_can_be_read_back() -> None:
    (label,) = re.findall(r's0\["(.*)"\]', render(an_account(step("a", action='call "x" #35; 日本'))))
    assert read_back(label).split("<br/>")[1] == 'call "x" #35; 日本'


@pytest.mark.service
@pytest.mark.parametrize("name", ["hostile", "empty", "billing_overview", "track_order", "create_ticket"])
def test_mermaid_reads_it(name: str) -> None:
    npm_package("mermaid")
    told = drawings()[name]
    done = subprocess.run(
        [node(), str(READER), str(CACHE / "node_modules")], input=render(told).encode(), capture_output=True, check=True, timeout=60
    )
    drawn = json.loads(done.stdout)
    assert sorted(map(read_back, drawn["texts"])) == sorted(map(read_back, re.findall(r'"([^"]*)"', render(told))))
    assert drawn["edges"] >= len(told.steps) + sum(len(each.ladder) for each in told.steps)


def read_back(label: str) -> str:
    """The text of a label; mermaid marks character codes in its own way until it draws them."""
    return html.unescape(re.sub(r"(?:#|\ufb02\u00b0\u00b0)(\d+)(?:;|\u00b6\u00df)", r"&#\1;", label))
