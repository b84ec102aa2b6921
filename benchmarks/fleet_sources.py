"""The made-up company's systems: most speak HTTP, some are databases, some describe themselves by OpenAPI, a few are lists.

Every system has the operations `one` (by key) and `all` (of a customer); those that speak HTTP can be written to as well (`change`).
What `all` gives is below `rows` for a database and below `items` elsewhere.
"""

from __future__ import annotations

from benchmarks.fleet_words import Entity

KINDS = ("http", "http", "http", "sql", "http", "openapi", "http", "http", "sql", "static")


def kind_of(entity: Entity) -> str:
    return KINDS[entity.number % len(KINDS)]


def rows_of(entity: Entity) -> str:
    """The member of `all`'s result that holds the list."""
    return "rows" if kind_of(entity) == "sql" else "items"


def source(entity: Entity) -> dict[str, str]:
    """The files of one system."""
    kind = kind_of(entity)
    name = f"specs/sources/{entity.source}.yaml"
    if kind == "openapi":
        return {name: _openapi_source(entity), f"openapi/{entity.source}.yaml": _openapi_document(entity)}
    return {name: {"http": _http, "sql": _sql, "static": _static}[kind](entity)}


def _indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def _schema(entity: Entity) -> str:
    names = [*(field.name for field in entity.fields), entity.owner]
    fields = "".join(f"  {field.name}: {field.schema}\n" for field in entity.fields)
    return f"type: object\nrequired: [{', '.join(names)}]\nproperties:\n{fields}  {entity.owner}: {{type: string}}\n"


def _list_schema(entity: Entity, member: str) -> str:
    items = _indented(_schema(entity), 6)
    return f"type: object\nrequired: [{member}]\nproperties:\n  {member}:\n    type: array\n    items:\n{items}"


def _head(entity: Entity, kind: str) -> str:
    return (
        f"source: {entity.source}\nsummary: Everything about {entity.plural.replace('_', ' ')}, as the department keeps it.\ntype: {kind}\n"
    )


def _url(entity: Entity) -> str:
    return f"servers: [\"${{ env.{entity.source.upper()}_URL || 'http://127.0.0.1:{9000 + entity.number}' }}\"]\n"


def _http(entity: Entity) -> str:
    return (
        _head(entity, "http")
        + _url(entity)
        + f"timeout: {500 + entity.number}ms\n"
        + f"""\
operations:
  one:
    summary: One {entity.name.replace("_", " ")} by its number.
    request: GET /{entity.plural}/{{{entity.key}}}
    params:
      type: object
      required: [{entity.key}]
      properties:
        {entity.key}: {{type: string, in: path}}
    output_schema:
{_indented(_schema(entity), 6)}
  all:
    summary: A customer's, newest first.
    request: GET /{entity.plural}
    query: {{customer: "${{ args.{entity.owner} }}", limit: "${{ args.limit }}"}}
    params:
      type: object
      required: [{entity.owner}]
      properties:
        {entity.owner}: {{type: string}}
        limit: {{type: integer, minimum: 1, maximum: 200, default: 25}}
    output_schema:
{_indented(_list_schema(entity, "items"), 6)}
"""
        + _change(entity)
    )


def _change(entity: Entity) -> str:
    amount = next(field.name for field in entity.of("amount"))
    return f"""\
  change:
    summary: Changes one. The same key with the same content changes it once.
    effect: write
    request: POST /{entity.plural}/{{{entity.key}}}
    idempotency: {{header: Idempotency-Key}}
    body:
      {entity.key}: ${{ args.{entity.key} }}
      {amount}: ${{ args.{amount} }}
      reason: ${{ args.reason }}
    params:
      type: object
      required: [{entity.key}]
      properties:
        {entity.key}: {{type: string, in: path}}
        {amount}: {{type: string}}
        reason: {{type: string}}
    output_schema:
      type: object
      required: [{entity.key}, {entity.state}]
      properties:
        {entity.key}: {{type: string}}
        {entity.state}: {{type: string}}
    error: {{code: body.error.code, message: body.error.message}}
"""


def _sql(entity: Entity) -> str:
    columns = ", ".join([*(field.name for field in entity.fields), entity.owner])
    return (
        _head(entity, "sql")
        + f"url: ${{ env.{entity.source.upper()}_URL || 'sqlite:///var/{entity.source}.db' }}\n"
        + f"""\
max_rows: 200
timeout: 1s
operations:
  one:
    summary: One by its number.
    query: |
      SELECT {columns}
      FROM {entity.plural}
      WHERE {entity.key} = :{entity.key}
    params:
      type: object
      required: [{entity.key}]
      properties:
        {entity.key}: {{type: string}}
    output_schema:
{_indented(_list_schema(entity, "rows"), 6)}    result: body.rows[0]

  all:
    summary: A customer's, newest first.
    query: |
      SELECT {columns}
      FROM {entity.plural}
      WHERE {entity.owner} = :{entity.owner}
      ORDER BY {entity.key} DESC
      LIMIT :limit
    params:
      type: object
      required: [{entity.owner}]
      properties:
        {entity.owner}: {{type: string}}
        limit: {{type: integer, minimum: 1, maximum: 200, default: 25}}
    output_schema:
{_indented(_list_schema(entity, "rows"), 6)}"""
    )


def _static(entity: Entity) -> str:
    samples = {"key": "'1'", "text": "Hamburg", "number": "3", "amount": "'4.50'", "date": "'2026-11-20'", "flag": "true", "state": "open"}
    row = ", ".join([*(f"{field.name}: {samples[field.kind]}" for field in entity.fields), f"{entity.owner}: C1001"])
    params = "type: object\nproperties:\n  {}: {{type: string}}\n  limit: {{type: integer}}\n"
    return (
        _head(entity, "static")
        + "operations:\n"
        + f"  one:\n    params:\n{_indented(params.format(entity.key), 6)}    value: {{{row}}}\n"
        + f"  all:\n    params:\n{_indented(params.format(entity.owner), 6)}    value:\n      items:\n"
        + f"        - {{{row}}}\n" * 4
    )


def _openapi_source(entity: Entity) -> str:
    return (
        _head(entity, "openapi")
        + f"spec: openapi/{entity.source}.yaml\n"
        + _url(entity)
        + "timeout: 700ms\noperations:\n"
        + f"  one: {{operation: get_{entity.name}}}\n  all: {{operation: list_{entity.plural}}}\n"
    )


def _openapi_document(entity: Entity) -> str:
    return f"""\
openapi: 3.1.0
info: {{title: {entity.title}, version: "1"}}
paths:
  /{entity.plural}:
    get:
      operationId: list_{entity.plural}
      parameters:
        - {{name: {entity.owner}, in: query, required: true, schema: {{type: string}}}}
        - {{name: limit, in: query, schema: {{type: integer}}}}
      responses:
        "200":
          description: A customer's.
          content: {{application/json: {{schema: {{$ref: "#/components/schemas/List"}}}}}}
  /{entity.plural}/{{{entity.key}}}:
    get:
      operationId: get_{entity.name}
      parameters:
        - {{name: {entity.key}, in: path, required: true, schema: {{type: string}}}}
      responses:
        "200":
          description: One.
          content: {{application/json: {{schema: {{$ref: "#/components/schemas/One"}}}}}}
components:
  schemas:
    One:
{_indented(_schema(entity), 6)}    List:
      type: object
      required: [items]
      properties:
        items: {{type: array, items: {{$ref: "#/components/schemas/One"}}}}
"""
