"""The way of classified data is told as somebody would follow it in the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.ways import ARROW
from tests.planner.masked_folders import masked

STEPS = """intent: ask
steps:
  c: {call: crm.contact}
  l: {let: {label: "${ concat(steps.c.name, '!') }", other: "${ steps.c.city }"}}
  j: {join: {left: steps.c.friends, right: steps.c.friends, by: kind, as: same}}
  d: {call: crm.contact, with: {mail: "${ steps.c.email }"}}
"""


def ways(folder: Path, output: str, *more: str) -> list[str | None]:
    """How the data came that is refused."""
    made = masked(folder, "\n".join([f"{STEPS}output: {output}", *more, ""]), "fields: [never], mask: hash")
    return [problem.help for problem in made.problems if problem.code == "GW532"]


@pytest.mark.parametrize(
    ("output", "way"),
    [
        ("${ steps.c.email }", "crm.contact: email → steps.c → output"),
        ('{mail: {to: "${ steps.c.email }", city: "${ steps.c.city }"}}', "crm.contact: email → steps.c → output.mail.to"),
        ('{a: "${ steps.l.other }", b: "${ steps.l.label }"}', "crm.contact: name → steps.c → steps.l → output.b"),
        ('{b: "${ steps.j[*].same.name }"}', "crm.contact: name → steps.c → steps.j → output.b[]"),
        ('{d: "${ steps.d.name }"}', "crm.contact: name → steps.d → output.d"),
        ('{$each: steps.c.friends, $as: f, $do: {who: "${ f.name }"}}', "crm.contact: name → steps.c → output[].who"),
        ('["${ steps.c.city }", "${ steps.c.name }"]', "crm.contact: name → steps.c → output[]"),
    ],
)
def test_from_the_field_to_the_output(tmp_path: Path, output: str, way: str) -> None:
    assert ways(tmp_path, output) == [way]


def test_a_reply_reads_the_output_or_the_step_itself(tmp_path: Path) -> None:
    reply = (
        'reply: [{when: status.c, text: {en: "to ${ output.to }"}}, {text: x, blocks: [{title: "${ steps.c.email } in ${ output.city }"}]}]'
    )
    assert ways(tmp_path, '{to: "${ steps.l.label }", city: "${ steps.c.city }"}', reply)[1:] == [
        "crm.contact: name → steps.c → steps.l → output.to → reply[0].text.en",
        "crm.contact: email → steps.c → reply[1].blocks[].title",
    ]


def test_it_has_an_end(tmp_path: Path) -> None:
    chain = "".join(
        f"  s{number}: {{let: {{x: '${{ steps.{'c.name' if number == 0 else f's{number - 1}.x'} }}'}}}}\n" for number in range(40)
    )
    made = masked(
        tmp_path, f"intent: ask\nsteps:\n  c: {{call: crm.contact}}\n{chain}output: '${{ steps.s39.x }}'\n", "fields: [never], mask: hash"
    )
    (way,) = [problem.help for problem in made.problems if problem.code == "GW532"]
    assert way is not None
    assert way.startswith("crm.contact: name → ")
    assert way.endswith("steps.s39 → output")
    assert len(way.split(ARROW)) < 20
