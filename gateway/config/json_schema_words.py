"""The keywords of JSON Schema draft 2020-12 (core, applicator, validation, meta-data), and what each of them takes.

Source: json-schema.org/draft/2020-12, "JSON Schema Core" and "JSON Schema Validation".
"""

from __future__ import annotations

from collections.abc import Mapping

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ONE_SCHEMA = frozenset(
    {
        "additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedItems",
        "unevaluatedProperties", "contentSchema",
    }
)  # fmt: skip
SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SCHEMA_MAPS = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
COUNTS = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"}
)  # fmt: skip
NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
FLAGS = frozenset({"uniqueItems", "readOnly", "writeOnly", "deprecated"})
TEXTS = frozenset(
    {
        "title", "description", "$comment", "format", "pattern", "$ref", "$dynamicRef", "$schema", "$id", "$anchor", "$dynamicAnchor",
        "contentEncoding", "contentMediaType",
    }
)  # fmt: skip
ANYTHING = frozenset({"const", "default"})
OURS = frozenset({"in", "classification"})
"""Keywords of the gateway's own (language §3): where a parameter is sent, and the class of a field's data."""

KEYWORDS = (
    ONE_SCHEMA | SCHEMA_LISTS | SCHEMA_MAPS | COUNTS | NUMBERS | FLAGS | TEXTS | ANYTHING | OURS
    | {"type", "enum", "required", "dependentRequired", "examples", "$vocabulary"}
)  # fmt: skip

SAME_PLACE = frozenset({"not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas", "$ref", "$dynamicRef"})
"""Keywords whose schemas look at the very value that the schema itself looks at."""

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
PLACES = ("path", "query", "header", "body")
FORMATS = ("date", "date-time", "time", "duration", "email", "uri", "uuid", "ipv4", "ipv6", "hostname")
"""The formats that are asserted (language §1)."""

OTHER_DIALECTS: Mapping[str, str] = {
    "definitions": "write `$defs`",
    "nullable": "write `type: [string, 'null']`, with the type it has",
    "example": "write `examples`, a list",
    "dependencies": "write `dependentRequired` or `dependentSchemas`",
    "additionalItems": "write `prefixItems` for the first items and `items` for the rest",
    "id": "write `$id`",
    "$recursiveRef": "write `$dynamicRef`",
    "discriminator": "it is OpenAPI's: write `const` in each alternative",
    "optional": "list what is needed under `required` beside `properties`",
}
"""Keywords of other drafts and of OpenAPI, and what to write instead."""
