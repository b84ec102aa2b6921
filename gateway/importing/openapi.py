"""An API description becomes a source document and a first intent. Start here: everything else is called from this file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from gateway.importing.files import Description, NewFile, description_files
from gateway.importing.intent_draft import Draft, intent_draft
from gateway.importing.proposals import Proposal, propose
from gateway.importing.source_draft import source_draft
from gateway.importing.survey import Offered, Survey, select, survey_of


class Imported(msgspec.Struct, frozen=True):
    """What an import found and would write. Nothing is written yet: that is `gateway.importing.files.write`."""

    source: str
    spec: str
    operations: tuple[Offered, ...]
    proposals: tuple[Proposal, ...]
    draft: Draft | None
    files: tuple[NewFile, ...]
    notes: tuple[str, ...]


def import_openapi(file: Path, *, folder: Path, name: str, only: Sequence[str] = ()) -> Imported:
    """Reads the description `file` for the configuration in `folder`. `only` are patterns of operations, all where empty.

    Raises `DocumentFault` for a file that is no description, `NoSuchOperation` for a pattern that names nothing, and `OSError`.
    """
    survey = survey_of(file)
    selected = select(survey.operations, only)
    description = description_files(file, folder, name)
    proposals = propose(survey, selected)
    draft = intent_draft(survey, name, selected)
    files = [*description.files, NewFile(f"specs/sources/{name}.yaml", source_draft(survey, name, description.spec, proposals).encode())]
    if draft is not None:
        files.append(NewFile(f"specs/intents/{draft.intent}.yaml", draft.text.encode()))
    notes = tuple(_notes(survey, description, draft))
    return Imported(name, description.spec, tuple(selected), tuple(proposals), draft, tuple(files), notes)


def _notes(survey: Survey, description: Description, draft: Draft | None) -> Iterator[str]:
    repeated = survey.index.repeated
    if repeated:
        more = f" and {len(repeated) - 3} more" if len(repeated) > 3 else ""
        yield f"operationIds that are there twice ({', '.join(repeated[:3])}{more}): the later ones are called by method and path"
    moved = sum("servers" in offered.entry.item.node or "servers" in offered.entry.operation.node for offered in survey.operations)
    if moved:
        yield f"{moved} operations name servers of their own, which are not used: they need a source each"
    for reference in description.missing[:5]:
        yield f"the description refers to `{reference}`, which is not beside it: what it stands for is taken for anything"
    if draft is None:
        yield "no plain GET among these operations, so no intent was drafted"
