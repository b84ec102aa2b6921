"""Loading a folder: everything at once, in order, and nothing twice."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.load import Loaded, load
from gateway.config.report import render_json, render_text
from gateway.sdk.component import Component
from gateway.sdk.source_config import HttpSourceConfig, OperationConfig
from tests.config.yaml_texts import within


class Http(HttpSourceConfig, frozen=True, kw_only=True):
    """A kind of source for these tests."""

    operations: dict[str, OperationConfig] = {}


COMPONENTS: Mapping[tuple[str, str], Component] = {
    ("source", "http"): Component(kind="source", name="http", Config=Http, build=None, summary="Reads by HTTP.", example="source: a")
}
GATEWAY = "gateway: shop\n"
SOURCE = "source: erp\ntype: http\nservers: ['http://erp.test']\noperations: {order: {}}\n"
INTENT = "intent: track\nsteps: {order: {call: erp.order}}\noutput: {id: '${ steps.order.id }'}\n"


def loaded(folder: Path, files: Mapping[str, str | bytes], *, env: str | None = None, **environ: str) -> Loaded:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(folder, env=env, environ=environ, components=COMPONENTS)


def shown(found: Loaded) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.place.file, problem.place.line) for problem in found.problems]


def test_a_good_folder(tmp_path: Path) -> None:
    files = {
        "gateway.yaml": GATEWAY,
        "specs/sources/erp.yaml": SOURCE,
        "specs/intents.yaml": f"{INTENT}---\n{INTENT}version: 2\n",
        "specs/intents.test.yaml": "test: track\ncases: [{name: finds it, expect: {status: complete}}]\n",
        "specs/rest.yaml": "route: by_id\nmatch: {method: GET, path: /orders}\nintent: track\n---\ntransform: t\noutput: {a: 1}\n",
        "policies/roles.yaml": "policy: roles\nroles: {customer: {allow: ['intent:track']}}\n",
    }
    found = loaded(tmp_path, files)
    assert shown(found) == []
    assert found.ok
    assert found.gateway is not None
    assert found.gateway.model.gateway == "shop"
    assert found.sources["erp"].model.type == "http"
    assert [intent.model.version for intent in found.intents["track"]] == [1, 2]
    assert (list(found.routes), list(found.transforms)) == (["by_id"], ["t"])
    assert [policy.name for policy in found.policies] == ["roles"]
    assert found.files == tuple(sorted(files))
    assert found.broken == frozenset()


def test_every_problem_of_every_file_in_order(tmp_path: Path) -> None:
    files = {
        "gateway.yaml": "gateway: shop\nsever: {}\n",
        "specs/a.yaml": f"intnet: a\n---\n{INTENT}timout: 5s\nversion: 007\n---\nx: [\n",
        "specs/b.yaml": "\xff",
        "specs/c.yaml": "source: c\ntype: htp\n",
        "policies/p.yaml": SOURCE,
        "specs/d.test.yaml": "test: track\ncases: 5\n",
        "specs/e.yaml": b"\xff\n",
        "specs/f.yaml": "",
    }
    found = loaded(tmp_path, files)
    assert shown(found) == [
        ("GW101", "gateway.yaml", 2),
        ("GW122", "policies/p.yaml", 1),
        ("GW121", "specs/a.yaml", 1),
        ("GW101", "specs/a.yaml", 6),
        ("GW010", "specs/a.yaml", 7),
        ("GW003", "specs/a.yaml", 9),
        ("GW013", "specs/b.yaml", 1),
        ("GW104", "specs/c.yaml", 2),
        ("GW102", "specs/d.test.yaml", 2),
        ("GW002", "specs/e.yaml", 1),
        ("GW013", "specs/e.yaml", 1),
        ("GW012", "specs/f.yaml", 1),
    ]
    assert not found.ok
    assert found.gateway is None
    assert {("source", "erp"), ("source", "c"), ("intent", "track")} <= found.broken
    assert render_text(found.problems, folder=tmp_path).count("\n\n") == len(found.problems) - 1
    assert render_json(found.problems)


def test_no_configuration_is_one_problem(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"specs/a.yaml": "x: 1\n"})
    assert shown(found) == [("GW020", "gateway.yaml", 1)]
    assert shown(load(tmp_path / "nowhere", env=None, environ={}, components={})) == [("GW020", "gateway.yaml", 1)]


def test_a_broken_gateway_yaml_hides_no_other_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"gateway.yaml": "gateway: [\n", "specs/a.yaml": "intnet: a\n", "policies/b.yaml": "polcy: a\n"})
    assert shown(found) == [("GW003", "gateway.yaml", 1), ("GW121", "policies/b.yaml", 1), ("GW121", "specs/a.yaml", 1)]


@pytest.mark.parametrize(
    ("files", "complete"),
    [
        ({"specs/a.yaml": SOURCE}, True),
        ({"specs/a.yaml": "source: [\n"}, True),
        ({"specs/a.yaml": "# nothing\n"}, True),
        ({"specs/a.yaml": SOURCE, "specs/b.yml": SOURCE}, True),
        ({"specs/a.yaml": "#" * (4 << 20) + "\n"}, False),
        ({"specs/a.yaml/b.yaml": SOURCE, "gateway.yaml": f"{GATEWAY}specs: [spec]\n"}, False),
    ],
)
def test_what_could_not_be_opened_is_known_to_be_missing(tmp_path: Path, files: dict[str, str], complete: bool) -> None:
    assert loaded(tmp_path, {"gateway.yaml": GATEWAY, **files}).complete is complete


def test_what_is_misspelt_or_misplaced_is_known_by_name(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": "sorce: erp\n---\npolicy: roles\n", "policies/b.yaml": "intent: x\n"}
    )
    assert found.broken == {("source", "erp"), ("policy", "roles"), ("intent", "x")}


def test_what_extends_something_in_a_missing_file_is_silent(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"gateway.yaml": f"{GATEWAY}specs: [specs, gone]\n", "specs/a.yaml": "intent: a\nextends: b\n"})
    assert shown(found) == [("GW022", "gateway.yaml", 2)]


def test_folders_are_those_that_gateway_yaml_names(tmp_path: Path) -> None:
    files = {"gateway.yaml": f"{GATEWAY}specs: [mine, ../other]\n", "mine/a.yaml": SOURCE, "specs/b.yaml": "x: [\n"}
    found = loaded(tmp_path / "inside", files)
    assert (list(found.sources), shown(found)) == (["erp"], [("GW022", "gateway.yaml", 2)])


def test_the_folders_may_come_from_the_environment(tmp_path: Path) -> None:
    files = {"gateway.yaml": f"{GATEWAY}specs: ['${{ env.SPECS }}']\n", "mine/a.yaml": SOURCE}
    assert list(loaded(tmp_path, files, SPECS="mine").sources) == ["erp"]
    hidden = loaded(tmp_path, files, SPECS="hidden-folder")
    assert shown(hidden) == [("GW022", "gateway.yaml", 2)]
    assert "hidden" not in render_json(hidden.problems)
    assert shown(loaded(tmp_path, files)) == [("GW401", "gateway.yaml", 2)]


@pytest.mark.parametrize("by", ["option", "environment"])
def test_an_overlay(tmp_path: Path, by: str) -> None:
    files = {"gateway.yaml": f"{GATEWAY}server: {{port: 80, host: '::1'}}\n", "gateway.prod.yaml": "server: {port: 81, prot: 1}\n"}
    found = loaded(tmp_path, files, env="prod") if by == "option" else loaded(tmp_path, files, GATEWAY_ENV="prod")
    assert shown(found) == [("GW101", "gateway.prod.yaml", 1)]
    (tmp_path / "gateway.prod.yaml").write_text("server: {port: 81}\n")
    found = load(tmp_path, env="prod", environ={"GATEWAY_ENV": "other"}, components=COMPONENTS)
    assert found.gateway is not None
    assert (found.gateway.model.server.port, found.gateway.model.server.host) == (81, "::1")


def test_the_environment_is_filled_in_before_the_check(tmp_path: Path) -> None:
    gateway = f"{GATEWAY}server: {{port: '${{ env.PORT || `8080` }}', host: '${{ env.HOST }}'}}\n"
    found = loaded(tmp_path, {"gateway.yaml": gateway}, PORT="9000", HOST="::1")
    assert shown(found) == []
    assert found.gateway is not None
    assert (found.gateway.model.server.port, found.gateway.model.server.host) == (9000, "::1")
    assert shown(loaded(tmp_path, {}, PORT="9000")) == [("GW401", "gateway.yaml", 2)]


def test_offending_values_of_the_environment_are_never_shown(tmp_path: Path) -> None:
    files = {
        "gateway.yaml": f"{GATEWAY}server: {{port: '${{ env.A }}', drain: '${{ env.B }}', max_body: '${{ env.A }}'}}\n",
        "specs/a.yaml": "source: ${ env.B }\ntype: ${ env.B }\ntimeout: ${ env.B }\nservers: ['${ env.B }']\nengine: ${ env.B }\n",
        "specs/b.yaml": "intent: a\nversion: ${ env.B }\npriority: ${ env.B }\noutput: {}\n",
        "specs/c.yaml": "intent: ${ env.B }\noutput: {}\n---\nintent: ${ env.B }\noutput: {}\n",
    }
    found = loaded(tmp_path, files, A="hidden-one", B="hidden-two")
    assert len(found.problems) > 8
    assert "hidden" not in render_json(found.problems) + repr(found.problems) + render_text(found.problems, folder=tmp_path)


def test_extends(tmp_path: Path) -> None:
    child = "source: crm\nextends: erp\nservers: ['http://crm.test']\ntimeout: 5\n"
    found = loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": f"{child}---\nsource: hr\nextends: erp\n", "specs/b.yaml": SOURCE})
    assert shown(found) == [("GW105", "specs/a.yaml", 4)]
    assert found.sources["hr"].model.type == "http"
    assert found.sources["hr"].document.place(("type",)).file == "specs/b.yaml"


def test_what_is_inherited_is_told_once(tmp_path: Path) -> None:
    specs = f"{SOURCE}timout: 1s\n---\nsource: b\nextends: erp\n---\nsource: c\nextends: erp\n"
    assert shown(loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": specs})) == [("GW101", "specs/a.yaml", 5)]


def test_what_extends_something_unread_is_silent(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": "source: a\nx: [\n---\nsource: b\nextends: a\n"})
    assert shown(found) == [("GW003", "specs/a.yaml", 2)]
    assert found.names("source") == {"a", "b"}


def test_a_name_given_twice(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": SOURCE, "specs/b.yaml": SOURCE})
    assert [(problem.code, problem.hint) for problem in found.problems] == [("GW120", "the first is at specs/a.yaml:1:9")]
    assert found.problems[0].place.file == "specs/b.yaml"


def test_a_test_is_checked_and_never_loaded(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.test.yaml": f"{INTENT}---\ntest: track\ncasse: []\n"})
    assert shown(found)[0] == ("GW122", "specs/a.test.yaml", 1)
    assert found.intents == {}
    assert len(found.problems) > 1


def test_the_digest_tells_contents_apart(tmp_path: Path) -> None:
    files = {"gateway.yaml": GATEWAY, "specs/a.yaml": SOURCE}
    first = loaded(tmp_path, files).digest
    assert loaded(tmp_path, files).digest == first
    assert loaded(tmp_path, {"specs/a.yaml": SOURCE + "# more\n"}).digest != first
    (tmp_path / "specs/a.yaml").write_text(SOURCE)
    os.rename(tmp_path / "specs/a.yaml", tmp_path / "specs/b.yaml")
    assert load(tmp_path, env=None, environ={}, components=COMPONENTS).digest != first


PIECES = st.lists(
    st.sampled_from(
        [
            *[
                "intent: a\n",
                "source: a\n",
                "route: a\n",
                "policy: roles\n",
                "gateway: a\n",
                "type: http\n",
                "extends: a\n",
                "version: 2\n",
            ],
            *["steps:\n", "  a: {call: b.c}\n", "  - x\n", "roles: {a: {allow: []}}\n", "output: ${ steps.a }\n", "timeout: ${ env.X }\n"],
            *["---\n", "specs: [specs, ..]\n", "servers: []\n", "match: 5\n", "with: null\n", "\xff", "\t", "? ", "x: [", "{}\n", "5: 5\n"],
        ]
    ),
    max_size=10,
).map("".join)


@given(PIECES | st.text(max_size=40), PIECES, PIECES | st.binary(max_size=40))
def test_any_files_give_a_configuration_or_placed_problems(
    tmp_path_factory: pytest.TempPathFactory, gateway: str, spec: str, other: str | bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    gateway_bytes = gateway.encode("utf-8", "surrogatepass")
    files = {
        "gateway.yaml": gateway_bytes,
        "gateway.prod.yaml": other,
        "specs/a.yaml": spec,
        "specs/b.yaml": other,
        "policies/c.yaml": spec,
    }
    found = loaded(folder, files, env="prod")
    assert found.problems == sorted(
        found.problems, key=lambda problem: (problem.place.file != "gateway.yaml", problem.place.file, problem.place.line)
    )
    assert found.gateway is not None or not found.ok
    assert all(problem.place.file in files for problem in found.problems)
    assert render_text(found.problems, folder=folder).count("[GW") >= len(found.problems)
    assert render_json(found.problems)


STEP = """\
  step_{n}:
    call: erp.order
    with: {{order_id: '${{ input.order_id }}', note: some longer text for number {n}}}
    timeout: 5s
"""
MEGABYTE = {
    "good": "intent: track\nsteps:\n" + "".join(STEP.format(n=n) for n in range(7_500)),
    "wrong keys": "intent: track\nsteps:\n" + "".join(STEP.format(n=n).replace("timeout", "timout") for n in range(7_500)),
    "wrong types": "intent: track\nsteps: [" + "{call: [1]}, " * 80_000 + "]\n",
    "keys nobody knows": "intent: track\n" + "".join(f"unknown_key_{n}: 1\n" for n in range(40_000)),
    "environment": "source: erp\ntype: http\nservers: [\n" + "  '${ env.HOST }',\n" * 30_000 + "]\n",
}


@pytest.mark.parametrize("name", ["good", *(pytest.param(name, marks=pytest.mark.slow) for name in MEGABYTE if name != "good")])
def test_a_megabyte_loads_in_a_second(tmp_path: Path, name: str) -> None:
    files = {"gateway.yaml": GATEWAY, "specs/a.yaml": MEGABYTE[name]}
    found = within(1.0, lambda: loaded(tmp_path, files, HOST="http://erp.test"))
    assert found.gateway is not None


def test_contents_are_taken_in_place_of_files(tmp_path: Path) -> None:
    loaded(tmp_path, {"gateway.yaml": GATEWAY, "specs/a.yaml": SOURCE, "specs/b.yaml": INTENT.replace("output", "outptu")})
    contents = {"specs/b.yaml": INTENT.encode(), "gateway.yaml": b"gateway: other\n", "specs/new.yaml": b"intent: new\n"}
    found = load(tmp_path, env=None, environ={}, components=COMPONENTS, contents=contents)
    assert shown(found) == []
    assert found.gateway is not None
    assert (found.gateway.model.gateway, set(found.intents)) == ("other", {"track"})
    assert found.digest != load(tmp_path, env=None, environ={}, components=COMPONENTS).digest


def test_what_is_not_in_force_yet_is_an_error_and_a_model(tmp_path: Path) -> None:
    files = {"gateway.yaml": GATEWAY, "specs/a.yaml": "intent: ask\nconfirm: Sure?\noutput: 1\n---\nintent: other\nconfirm: 5\noutput: 1\n"}
    found = loaded(tmp_path, files)
    assert [(problem.code, problem.place.line) for problem in found.problems] == [("GW111", 2), ("GW111", 6), ("GW102", 6)]
    assert not found.ok
    assert list(found.intents) == ["ask"]
    assert found.broken == {("intent", "other")}


def test_all_that_is_unset_is_told_at_once_in_overlays_too(tmp_path: Path) -> None:
    files = {
        "gateway.yaml": f"{GATEWAY}server: {{host: '${{ env.HOST }}', port: '${{ env.PORT }}'}}\n",
        "gateway.prod.yaml": "server: {port: '${ env.PROD_PORT }'}\nstores: {state: 'redis://${ secret.redis }@${ env.REDIS }'}\n",
        "specs/a.yaml": SOURCE.replace("http://erp.test", "${ env.ERP_URL }") + "headers: {X-Key: '${ secret.erp }'}\n",
        "specs/b.yaml": "intent: ask\ndeadline: ${ env.DEADLINE }\noutput: 1\n",
    }
    found = loaded(tmp_path, files, env="prod")
    assert sorted(re.findall("`([A-Za-z_]+)` is not set", " ".join(problem.message for problem in found.problems))) == [
        *("DEADLINE", "ERP_URL", "HOST", "PROD_PORT", "REDIS", "erp", "redis"),
    ]
