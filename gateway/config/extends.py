"""`extends: <name>`: a source or intent that starts from another of its kind (language §1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.config.document import Document
from gateway.config.draft import Draft
from gateway.config.nodes import Mapping, count
from gateway.config.overlay import lay_over
from gateway.config.strict_yaml import MOST_NODES
from gateway.config.suggest import closest
from gateway.sdk.problem import Problem

_KINDS = ("source", "intent")
_KEY = "extends"


def extend(drafts: Sequence[Draft], broken: frozenset[tuple[str, str]]) -> list[Problem]:
    """Lays every draft that extends another over it, in place; chains are followed, cycles and unknown names reported.

    `broken` are kind and name of documents that exist but could not be read: what extends one of them fails without a word.
    """
    problems: list[Problem] = []
    for kind in _KINDS:
        problems += _Extension(kind, [draft for draft in drafts if draft.kind == kind], broken).run()
    return problems


class _Extension:
    def __init__(self, kind: str, drafts: Sequence[Draft], broken: frozenset[tuple[str, str]]) -> None:
        self._kind = kind
        self._drafts = drafts
        self._broken = broken
        self._by_name: dict[str, list[Draft]] = {}
        for draft in drafts:
            if draft.name is not None:
                self._by_name.setdefault(draft.name, []).append(draft)
        self._problems: list[Problem] = []
        self._bases = {id(draft): self._base_of(draft) for draft in drafts}
        self._done: set[int] = set()
        self._values_left = MOST_NODES

    def run(self) -> list[Problem]:
        for draft in self._drafts:
            self._resolve(draft)
        return self._problems

    def _resolve(self, draft: Draft) -> None:
        """Extends a draft after everything that it starts from; without recursion, since a chain can be long."""
        chain: list[Draft] = []
        current: Draft | None = draft
        while current is not None and id(current) not in self._done:
            if current in chain:
                start = chain.index(current)
                self._report_cycle(chain[start:])
                del chain[start:]
                break
            chain.append(current)
            current = self._bases[id(current)]
        for link in reversed(chain):
            self._done.add(id(link))
            base = self._bases[id(link)]
            if base is not None:
                self._lay(base, link)

    def _base_of(self, draft: Draft) -> Draft | None:
        """The draft that one extends: of an intent's several versions the highest, below its own where the name is its own."""
        wanted = draft.document.data.get(_KEY)
        if not isinstance(wanted, str):
            return None
        found = self._by_name.get(wanted, [])
        if self._kind == "intent" and wanted == draft.name:
            found = [base for base in found if base.version < draft.version] or [draft]
        if not found:
            self._report_unknown(draft, wanted)
            return None
        return max(found, key=lambda base: base.version)

    def _lay(self, base: Draft, draft: Draft) -> None:
        root = draft.document.root
        if not isinstance(base.document.root, Mapping) or not isinstance(root, Mapping):
            return
        self._values_left -= count(base.document.root)
        if base.failed or self._values_left < 0:
            self._fail(draft, silent=base.failed)
            return
        without = {name: entry for name, entry in base.document.root.entries.items() if name not in {_KEY, self._kind}}
        kept = {name: entry for name, entry in root.entries.items() if name != _KEY}
        first = Mapping(root.text, root.start, root.end, root.flow, without)
        own = Mapping(root.text, root.start, root.end, root.flow, kept)
        draft.document = Document(lay_over(first, own), file=draft.document.file)

    def _report_unknown(self, draft: Draft, wanted: str) -> None:
        draft.silence()
        if (self._kind, wanted) in self._broken or any(kind == "file" for kind, _ in self._broken):
            return
        near = closest(wanted, self._known(draft))
        hint = f"did you mean `{near}`?" if near else None
        place = draft.document.place((_KEY,))
        self._problems.append(Problem("GW123", "error", f"there is no {self._kind} `{wanted}` to extend", place, (_KEY,), hint))

    def _known(self, draft: Draft) -> Iterable[str]:
        return (name for name in self._by_name if name != draft.name)

    def _fail(self, draft: Draft, *, silent: bool) -> None:
        draft.silence()
        if not silent:
            message = f"all that is extended makes more than {MOST_NODES} values"
            self._problems.append(Problem("GW011", "error", message, draft.document.place((_KEY,)), (_KEY,)))

    def _report_cycle(self, cycle: list[Draft]) -> None:
        shown = " → ".join(f"`{draft.name}`" for draft in [*cycle, cycle[0]])
        place = cycle[0].document.place((_KEY,))
        for draft in cycle:
            draft.silence()
            self._done.add(id(draft))
        self._problems.append(Problem("GW124", "error", f"`extends` runs in a circle: {shown}", place, (_KEY,)))
