"""Small API descriptions for the importer's tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.importing.survey import Offered, Survey, survey_of

PET = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "secret": {"writeOnly": True}}}


def answering(schema: Any, **headers: Any) -> dict[str, Any]:
    """The `responses` of an operation that answers by a schema."""
    described = {name.replace("_", "-"): {"schema": {"type": "string"}} for name in headers}
    return {"200": {"description": "ok", "headers": described, "content": {"application/json": {"schema": schema}}}}


def operation(name: str | None = None, *parameters: Any, **more: Any) -> dict[str, Any]:
    return {**({"operationId": name} if name else {}), "parameters": list(parameters), "responses": {}, **more}


def query(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind, **({"items": {"type": "string"}} if kind == "array" else {})}, **more}


def path(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def written(folder: Path, paths: dict[str, Any], name: str = "api.json", **more: Any) -> Path:
    """A description in a file; `more` are further keys at its top."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": paths, **more}
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def surveyed(folder: Path, paths: dict[str, Any], **more: Any) -> Survey:
    return survey_of(written(folder, paths, **more))


def offered(survey: Survey, name: str) -> Offered:
    return next(each for each in survey.operations if each.name == name)
