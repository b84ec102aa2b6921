"""What the made-up company's assistant can be asked, in the shapes that such intents have.

One thing with a check whose it is, a list with sums and a join, a lookup with a ladder behind it, a change, a card from up to six
systems at once. Which fields, conditions and texts there are is drawn anew for each.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from benchmarks.fleet_sources import kind_of, rows_of
from benchmarks.fleet_words import Entity, Field

TRANSFORMED = 25
"""The first so many entities have a transform of their own."""


class Made(NamedTuple):
    """One intent: its name, its text, its inputs by name."""

    name: str
    text: str
    inputs: tuple[str, ...]


def intent(number: int, known: list[Entity], random: Random) -> Made:
    """The intent of that number. All shapes come equally often."""
    shape = (_Lookup, _Overview, _Tracked, _Change, _Card)[number % 5]
    return shape(number, known, random).made()


class _Intent:
    """What all shapes have in common: the head, the questions, the replies."""

    verb = ""

    def __init__(self, number: int, known: list[Entity], random: Random) -> None:
        self.random = random
        self.entity = known[number % len(known)]
        if self.verb == "change" and kind_of(self.entity) in ("sql", "openapi", "static"):
            self.entity = known[(number + 1) // 10 * 10 % len(known)]
        self.others = random.sample([entity for entity in known if entity is not self.entity], 5)
        self.name = f"{self.verb}_{self.entity.name}_{number}"
        self.key = f"{self.entity.name}_no"

    def made(self) -> Made:
        text = f"{self.head()}\n{self.input()}\n{self.rules()}\nsteps:\n{self.steps()}\noutput:\n{self.output()}\nreply:\n{self.replies()}"
        return Made(self.name, text, self.inputs())

    def inputs(self) -> tuple[str, ...]:
        return (self.key,)

    def words(self) -> str:
        return self.entity.name.replace("_", " ")

    def head(self) -> str:
        words = self.words()
        lines = [f"intent: {self.name}", "version: 1", f"summary: {self.verb.capitalize()} of a {words}"]
        if self.random.random() < 0.6:
            lines += [
                "description: |",
                f"  Asks the department that keeps every {words}, and says so where it doesn't answer.",
                "  Read only.",
            ]
        lines += ["examples:", f"  - {self.verb} {words} {{{self.inputs()[0]}}}", f"  - zeige {words} {{{self.inputs()[0]}}}"]
        lines += [f"  - {words} please"] if self.random.random() < 0.5 else []
        return "\n".join([*lines, f"tags: [{self.entity.name.split('_')[0]}]", ""])

    def input(self) -> str:
        members = "".join(
            f"    {name}:\n      type: {'integer' if name == 'limit' else 'string'}\n      title: {name.replace('_', ' ').capitalize()}\n"
            + f"      description: As the {self.words()}'s papers have it.\n"
            + ("      minimum: 1\n      maximum: 100\n      default: 25\n" if name == "limit" else '      pattern: "^[A-Z0-9-]{1,12}$"\n')
            for name in self.inputs()
        )
        return f"input:\n  type: object\n  required: [{self.inputs()[0]}]\n  additionalProperties: false\n  properties:\n{members}"

    def rules(self) -> str:
        return f"deadline: {self.random.randint(10, 40)}00ms\n"

    def steps(self) -> str:
        raise NotImplementedError

    def output(self) -> str:
        raise NotImplementedError

    def some(self, fields: tuple[Field, ...] | list[Field], most: int = 8) -> list[Field]:
        """A few of the fields, in their order."""
        chosen = set(self.random.sample(range(len(fields)), min(len(fields), self.random.randint(3, most))))
        return [field for place, field in enumerate(fields) if place in chosen]

    def line(self, name: str, step: str, indent: int = 2) -> str:
        return f"{' ' * indent}{name}: ${{ {step}.{name} }}\n"

    def failures(self) -> str:
        words, shown = self.words(), f"${{ input.{self.inputs()[0]} }}"
        return (
            f"  - when: error.code == 'not_found'\n    text:\n      en: I can't find the {words} {shown}.\n"
            + f"      de: Ich finde {words} {shown} nicht.\n"
            + f"  - when: contains(config.trouble, error.code)\n    text:\n      en: The {words} desk doesn't answer at the moment.\n"
            + f"      de: Die Abteilung für {words} antwortet gerade nicht.\n"
        )

    def replies(self) -> str:
        return self.failures() + self.success()

    def success(self) -> str:
        entity, first = self.entity, self.entity.fields[1].name
        amount = self.random.choice(entity.of("amount")).name
        return (
            f"  - when: output.{entity.state} == 'closed'\n    text:\n      en: ${{ output.{first} || 'It' }} is done.\n"
            + f"      de: ${{ output.{first} || 'Das' }} ist erledigt.\n  - text:\n"
            + f"      en: ${{ output.{first} }} is ${{ lookup(config.states.en, output.{entity.state}) || 'under way' }}, "
            + f"${{ money(output.{amount}, config.currency) }} in all.\n"
            + f"      de: ${{ output.{first} }} ist ${{ lookup(config.states.de, output.{entity.state}) || 'in Arbeit' }}, "
            + f"zusammen ${{ money(output.{amount}, config.currency) }}.\n"
        )


class _Lookup(_Intent):
    verb = "show"

    def steps(self) -> str:
        entity = self.entity
        return (
            f'  {entity.name}:\n    call: {entity.source}.one\n    with: {{{entity.key}: "${{ input.{self.key} }}"}}\n    ensure:\n'
            + f"      - {{check: \"result.{entity.owner} == user.customer_id || contains(user.roles, 'agent')\", deny: not_found}}\n"
            + '\n  words:\n    let: {states: "${ lookup(config.states, substring(ctx.locale, `0`, `2`)) || config.states.en }"}\n'
        )

    def output(self) -> str:
        lines = "".join(self.line(field.name, f"steps.{self.entity.name}") for field in self.entity.fields)
        return f"{lines}  shown: ${{ lookup(steps.words.states, steps.{self.entity.name}.{self.entity.state}) }}\n"


class _Overview(_Intent):
    verb = "list"

    def inputs(self) -> tuple[str, ...]:
        return f"{self.entity.name}_customer", "limit"

    def rules(self) -> str:
        asked = f"input.{self.inputs()[0]}"
        return f"guard:\n  - check: \"{asked} == user.customer_id || contains(user.roles, 'agent')\"\n\n{super().rules()}"

    def steps(self) -> str:
        entity, other = self.entity, self.others[0]
        return (
            f'  who:\n    let: {{{entity.owner}: "${{ input.{self.inputs()[0]} || user.customer_id }}"}}\n\n'
            + f"  {entity.plural}:\n    call: {entity.source}.all\n"
            + f'    with: {{{entity.owner}: "${{ steps.who.{entity.owner} }}", limit: "${{ input.limit }}"}}\n\n'
            + f"  # Each of them once, however often it is on the list.\n  {other.plural}:\n"
            + f"    foreach: steps.{entity.plural}.{rows_of(entity)}[*].{entity.key}\n    as: wanted\n    call: {other.source}.one\n"
            + f'    with: {{{other.key}: "${{ wanted }}"}}\n    max_items: 10\n    required: false\n\n'
            + f"  lines:\n    join:\n      left: steps.{entity.plural}.{rows_of(entity)}\n      right: steps.{other.plural}\n"
            + f"      by: {{left: [{entity.key}], right: [{other.key}]}}\n      as: {other.name}\n"
        )

    def output(self) -> str:
        entity, other = self.entity, self.others[0]
        rows = f"steps.{entity.plural}.{rows_of(entity)}"
        amount = self.random.choice(entity.of("amount")).name
        head = (
            f"  {entity.owner}: ${{ steps.who.{entity.owner} }}\n"
            + f"  total: ${{ sum({rows}[?{entity.state} != 'closed'].{amount}) }}\n"
            + f"  blocked: ${{ length({rows}[?{entity.state} == 'blocked']) }}\n"
            + f"  {entity.plural}:\n    $each: steps.lines\n    $as: {entity.name}\n"
        )
        if entity.number < TRANSFORMED:
            return f'{head}    $do: {{$use: {entity.name}_card, value: "${{ {entity.name} }}"}}\n'
        lines = "".join(self.line(field.name, entity.name, 6) for field in entity.fields)
        more = "".join(
            f"      {other.name}_{field.name}: ${{ {entity.name}.{other.name}.{field.name} }}\n" for field in self.some(other.fields, 5)
        )
        return f"{head}    $where: {entity.name}.{entity.key} != `null`\n    $do:\n{lines}{more}"

    def success(self) -> str:
        entity, words = self.entity, self.words()
        count = f"length(output.{entity.plural})"
        plural = f"${{ plural({count}, {{one: '{words}', other: '{words}s'}}) }}"
        return (
            f'  - when: "{count} > `0`"\n    text:\n'
            + f'      en: "You have ${{ {count} }} {plural}, ${{ money(output.total, config.currency) }} in all."\n'
            + f'      de: "Sie haben ${{ {count} }} {plural}, zusammen ${{ money(output.total, config.currency) }}."\n'
            + f"    blocks:\n      - list:\n          $each: output.{entity.plural}\n          $as: line\n"
            + f'          $do: {{title: "${{ line.{entity.key} }}", text: "${{ line.{entity.state} || \'unknown\' }}"}}\n        max: 10\n'
            + f"  - text:\n      en: There is no {words} yet.\n      de: Es gibt noch nichts zu {words}.\n"
        )


class _Tracked(_Intent):
    verb = "track"

    def steps(self) -> str:
        entity, other, third = self.entity, self.others[0], self.others[1]
        name, seen = other.fields[1].name, third.fields[1].name
        return (
            f'  {entity.name}:\n    call: {entity.source}.one\n    with: {{{entity.key}: "${{ input.{self.key} }}"}}\n\n'
            + f"  # Where the first desk doesn't know, the second is asked.\n  {other.name}:\n    call: {other.source}.one\n"
            + f'    with: {{{other.key}: "${{ steps.{entity.name}.{entity.key} }}"}}\n    fallback:\n'
            + f"      - when: error.code == 'not_found'\n        return: {{{name}: unknown, {other.state}: open}}\n"
            + f'      - call: {third.source}.one\n        with: {{{third.key}: "${{ steps.{entity.name}.{entity.key} }}"}}\n'
            + f"        output:\n          {name}: ${{ result.{seen} }}\n          {other.state}: ${{ result.{third.state} || 'open' }}\n"
            + "      - return: null\n"
        )

    def output(self) -> str:
        entity, other = self.entity, self.others[0]
        own = "".join(self.line(field.name, f"steps.{entity.name}") for field in entity.fields[:-1])
        return (
            f"{own}  {entity.state}: ${{ steps.{other.name}.{other.state} || steps.{entity.name}.{entity.state} }}\n"
            + f"  seen: ${{ steps.{other.name}.{other.fields[1].name} || 'nowhere' }}\n"
        )


class _Change(_Intent):
    verb = "change"

    def inputs(self) -> tuple[str, ...]:
        return self.key, f"{self.entity.name.split('_')[0]}_reason"

    def rules(self) -> str:
        return f"{super().rules()}idempotency_key: [user.id, input.{self.key}, \"input.{self.inputs()[1]} || '-'\"]\n"

    def steps(self) -> str:
        entity, amount = self.entity, self.random.choice(self.entity.of("amount")[:1]).name
        return (
            f'  before:\n    call: {entity.source}.one\n    with: {{{entity.key}: "${{ input.{self.key} }}"}}\n    ensure:\n'
            + f'      - {{check: "result.{entity.owner} == user.customer_id", deny: not_found}}\n'
            + f"      - {{check: \"result.{entity.state} != 'closed'\", deny: forbidden}}\n\n"
            + f"  changed:\n    when: steps.before.{entity.key}\n    call: {entity.source}.change\n    with:\n"
            + f"      {entity.key}: ${{ steps.before.{entity.key} }}\n      {amount}: ${{ steps.before.{amount} || '0.00' }}\n"
            + f"      reason: ${{ input.{self.inputs()[1]} }}\n"
        )

    def output(self) -> str:
        entity = self.entity
        before = "".join(self.line(field.name, "steps.before") for field in entity.fields[:-1])
        return f"{before}  {entity.state}: ${{ steps.changed.{entity.state} }}\n"


class _Card(_Intent):
    verb = "card"

    def inputs(self) -> tuple[str, ...]:
        return (f"{self.entity.name}_customer",)

    def sides(self) -> list[Entity]:
        return self.others[: 1 + len(self.entity.fields) % 5]

    def steps(self) -> str:
        asked = f"${{ input.{self.inputs()[0]} }}"
        first = f'  {self.entity.plural}:\n    call: {self.entity.source}.all\n    with: {{{self.entity.owner}: "{asked}", limit: 5}}\n'
        return first + "".join(
            f'\n  {side.plural}:\n    call: {side.source}.all\n    with: {{{side.owner}: "{asked}", limit: 5}}\n    required: false\n'
            for side in self.sides()
        )

    def output(self) -> str:
        entity = self.entity
        rows = f"steps.{entity.plural}.{rows_of(entity)}"
        parts = f"  latest: ${{ {rows}[0].{entity.key} }}\n  count: ${{ length({rows}) }}\n"
        for side in self.sides():
            lines = "".join(self.line(field.name, "each", 6) for field in self.some(side.fields, 6))
            parts += f"  {side.plural}:\n    $each: steps.{side.plural}.{rows_of(side)}\n    $as: each\n    $do:\n{lines}"
        return parts

    def success(self) -> str:
        words, side = self.words(), self.sides()[0]
        return (
            f"  - when: \"!(error.code) && status.{side.plural} == 'failed'\"\n    text:\n"
            + f"      en: ${{ output.count }} {words}, the other desk doesn't answer.\n"
            + f"      de: ${{ output.count }} {words}, die andere Abteilung antwortet nicht.\n  - text:\n"
            + f"      en: The latest {words} is ${{ output.latest || 'unknown' }}, with ${{ length(output.{side.plural}) }} others.\n"
            + f"      de: Zuletzt {words} ${{ output.latest || 'unbekannt' }}, dazu ${{ length(output.{side.plural}) }} andere.\n"
        )
