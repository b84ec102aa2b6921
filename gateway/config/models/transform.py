"""A transform: a reshaping with a name, used by steps, routes and templates (language §5)."""

from __future__ import annotations

from typing import Annotated, Literal

from gateway.sdk.fields import JsonSchema, Name, Template, described, protects
from gateway.sdk.source_config import Model


class Transform(Model, frozen=True, kw_only=True):
    """A reshaping with a name. It sees `value` and `config`."""

    transform: Annotated[Name, described("Its name; what steps and routes write behind `transform`.")]
    summary: Annotated[str | None, described("What it does, in a line.")] = None
    output: Annotated[Template, described("The new shape; any value, with `${ value.<field> }` in its texts.")]
    schema: Annotated[JsonSchema | None, protects("JSON Schema that the result must meet.")] = None
    on_mismatch: Annotated[
        Literal["fail", "drop", "report"] | None, protects("What happens to a result that does not meet the schema.")
    ] = None
