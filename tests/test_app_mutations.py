"""`check` and `serve` are one loader: whatever is changed in a configuration, it is built exactly when no error is told."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from gateway.app import Refused, build, prepare
from tests.mutations import mutated

HERE = Path(__file__).parent
MUTATIONS = 80
SECONDS = 2.0
MORE = """
intent: track
examples: ["track {order_id}"]
access: {roles: [customer], when: "user.level != 'none'"}
guard: [{check: "input.order_id != `null`", deny: not_found}]
input: {type: object, required: [order_id], properties: {order_id: {type: string, pattern: "^[0-9]+$"}, rows: {type: array}}}
deadline: 2s
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}, timeout: 500ms, ensure: [{check: "result.customer == user.id"}]}
  each:
    foreach: steps.order.items
    as: row
    call: erp.order
    with: {order_id: "${ row.sku }"}
    item_error: drop
    fallback:
      - {when: error.code == 'not_found', return: null}
      - {call: intent.inner, with: {order_id: "1"}, output: {id: "${ result.id }"}}
  rows: {join: {left: steps.order.items, right: steps.each, by: {left: [sku], right: [id]}, as: order}}
  names: {let: {all: {$each: steps.rows, $as: each, $where: each.sku != 'x', $do: "${ upper(each.sku) }"}}, transform: card}
  change: {call: erp.change, with: {order_id: "${ input.order_id }"}, depends_on: [rows], required: false}
output: {names: "${ steps.names }", state: "${ status.change }"}
reply:
  - {when: status.order == 'failed', text: none}
  - text: {en: "${ plural(length(steps.rows), {one: 'a row', other: 'rows'}) }"}
    actions: [{label: more, intent: inner, input: {order_id: "${ input.order_id }"}}]
---
route: track
match: {method: [GET, POST], path: "/orders/{order_id}"}
intent: track
input: {order_id: "${ request.path.order_id }"}
respond: {status: 200, headers: {X-Id: "${ output.state }"}, body: "${ output }"}
"""


@pytest.fixture(scope="module")
def sound() -> dict[str, str]:
    folder = HERE / "golden/folder"
    files = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    return files | {"specs/more.yaml": MORE}


def written(folder: Path, files: dict[str, str]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    return folder


def test_the_whole_is_sound(sound: dict[str, str], tmp_path: Path) -> None:
    assert prepare(written(tmp_path / "a", sound), environ={}).problems == []


def test_what_is_accepted_is_built_and_the_rest_refused(sound: dict[str, str], tmp_path: Path) -> None:
    accepted = 0
    for seed in range(MUTATIONS):
        name, text = mutated(sound, seed)
        folder = written(tmp_path / "a", sound | {name: text})
        started = time.process_time()
        prepared = prepare(folder, environ={})
        assert time.process_time() - started < SECONDS, f"seed {seed}"
        errors = [problem for problem in prepared.problems if problem.severity == "error"]
        assert (prepared.plan is None) is bool(errors), f"seed {seed}"
        if errors:
            with pytest.raises(Refused) as refused:
                build(folder, environ={})
            assert refused.value.problems == prepared.problems, f"seed {seed}"
        else:
            accepted += 1
            assert build(folder, environ={}).plan.digest == prepared.plan.digest  # type: ignore[union-attr]
    assert 5 < accepted < MUTATIONS / 2
