"""Kinds of source whose configuration is checked and whose runtime comes with a later release (language §3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.sdk import Component, Expr, HttpSourceConfig, Model, OperationConfig, Secret, SourceConfig, Template, described, protects
from gateway.sdk.source_config import BackendAuth, Positive

Text = Annotated[str, msgspec.Meta(min_length=1)]


class GraphqlOperation(OperationConfig, frozen=True, kw_only=True):
    """One GraphQL document; variables come from `params`."""

    query: Annotated[Text, described("The GraphQL document.")]
    headers: Annotated[dict[str, Template], described("Further request headers.")] = {}


class Graphql(HttpSourceConfig, frozen=True, kw_only=True):
    """A GraphQL API."""

    path: Annotated[str, described("Path of the endpoint.")] = "/graphql"
    schema: Annotated[str | None, described("File with the API's schema.")] = None
    operations: Annotated[dict[str, GraphqlOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


class OdataOperation(OperationConfig, frozen=True, kw_only=True):
    """One read or write of an entity set, or one function or action."""

    exactly_one = (("entity", "function"),)

    entity: Annotated[str | None, described("Entity set.")] = None
    key: Annotated[list[Expr] | None, described("Key of one entity.")] = None
    function: Annotated[str | None, described("Function or action, instead of an entity set.")] = None
    select: Annotated[list[str], described("Fields that are asked for.")] = []
    filter: Annotated[Template, described("Filter, with parameters from `args`.")] = None
    expand: Annotated[list[str], described("Navigation properties that come along.")] = []
    order_by: Annotated[list[str], described("Order of the rows, as `field` or `field desc`.")] = []
    top: Annotated[Positive | None, described("Most rows.")] = None
    body: Annotated[Template, described("What is written.")] = None


class Odata(HttpSourceConfig, frozen=True, kw_only=True):
    """An OData service."""

    version: Annotated[Literal["v2", "v4"], described("Version of the protocol.")] = "v4"
    metadata: Annotated[str | None, described("File with the service's metadata; asked for where unset.")] = None
    operations: Annotated[dict[str, OdataOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


class GrpcOperation(OperationConfig, frozen=True, kw_only=True):
    """One unary method."""

    method: Annotated[Text, described("`package.Service/Method`.")]
    message: Annotated[Template, described("The request message; the arguments where unset.")] = None
    metadata: Annotated[dict[str, Template], described("Call metadata.")] = {}


class Grpc(SourceConfig, frozen=True, kw_only=True):
    """A gRPC service."""

    servers: Annotated[list[str], msgspec.Meta(min_length=1), described("Addresses, as `host:port`.")]
    protos: Annotated[list[str], described("Proto files; server reflection is used where empty.")] = []
    plaintext: Annotated[bool, described("Whether to speak without TLS.")] = False
    auth: Annotated[BackendAuth | None, protects("How the gateway proves itself.")] = None
    operations: Annotated[dict[str, GrpcOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


class SoapOperation(OperationConfig, frozen=True, kw_only=True):
    """One operation of a SOAP service."""

    operation: Annotated[str | None, described("Its name in the WSDL; the key itself where unset.")] = None
    body: Annotated[Template, described("The message; the arguments where unset.")] = None
    headers: Annotated[dict[str, Template], described("Further request headers.")] = {}


class Soap(HttpSourceConfig, frozen=True, kw_only=True):
    """A SOAP service."""

    wsdl: Annotated[str, described("File with the service's WSDL.")]
    port: Annotated[str | None, described("Port of the service; the first where unset.")] = None
    operations: Annotated[dict[str, SoapOperation], described("Operations by name; every operation of the WSDL can be called.")] = {}


class EventOperation(OperationConfig, frozen=True, kw_only=True):
    """One kind of event that is published."""

    publish: Annotated[Text, described("Topic, queue or subject.")]
    event_type: Annotated[str | None, described("Type of the CloudEvent; the operation's name where unset.")] = None
    key: Annotated[list[Expr] | None, described("What keeps events in order.")] = None
    headers: Annotated[dict[str, Template], described("Message headers.")] = {}


class Event(SourceConfig, frozen=True, kw_only=True):
    """A message broker."""

    url: Annotated[Secret, described("The broker: `kafka://…`, `amqp://…`, `nats://…`, `sqs://…`.")]
    auth: Annotated[BackendAuth | None, protects("How the gateway proves itself.")] = None
    operations: Annotated[dict[str, EventOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


class Message(Model, frozen=True, kw_only=True):
    """One message of a prompt."""

    role: Annotated[Literal["system", "user", "assistant"], described("Who says it.")]
    content: Annotated[Template, described("What is said.")]


class LlmOperation(OperationConfig, frozen=True, kw_only=True):
    """One use of a language model."""

    exactly_one = (("prompt", "messages"),)

    model: Annotated[str | None, described("The model; the source's where unset.")] = None
    prompt: Annotated[Template, described("What is asked, as one text.")] = None
    messages: Annotated[list[Message] | None, described("What is asked, as messages.")] = None
    max_tokens: Annotated[Positive | None, described("Longest answer, in tokens.")] = None
    temperature: Annotated[Annotated[float, msgspec.Meta(ge=0, le=2)] | None, described("How much the answer may vary.")] = None


class Llm(HttpSourceConfig, frozen=True, kw_only=True):
    """A language model."""

    api: Annotated[Literal["openai", "anthropic"], described("The interface that it speaks.")] = "openai"
    model: Annotated[str | None, described("The model.")] = None
    operations: Annotated[dict[str, LlmOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


class Retrieve(Model, frozen=True, kw_only=True):
    """A search by meaning."""

    query: Annotated[Template, described("What is looked for.")]
    top_k: Annotated[Positive, described("Most matches.")] = 5
    filter: Annotated[Template, described("What the matches' metadata must be.")] = None


class VectorOperation(OperationConfig, frozen=True, kw_only=True):
    """One search by meaning; answers `{matches: [{id, score, text, metadata}]}`."""

    collection: Annotated[str | None, described("The collection; the source's where unset.")] = None
    retrieve: Annotated[Retrieve, described("What is looked for.")]


class Vector(SourceConfig, frozen=True, kw_only=True):
    """A vector store."""

    url: Annotated[Secret, described("The store: `sqlite:///…`, `qdrant://…`, `postgresql://…`.")]
    collection: Annotated[str | None, described("The collection.")] = None
    embedding: Annotated[str | None, described("Operation that embeds a text, as `source.operation`.")] = None
    auth: Annotated[BackendAuth | None, protects("How the gateway proves itself.")] = None
    operations: Annotated[dict[str, VectorOperation], msgspec.Meta(min_length=1), described("Operations by name.")]


def _coming(name: str, config: type[Any], summary: str, example: str) -> Component:
    return Component(kind="source", name=name, Config=config, build=None, summary=summary, example=example, status="planned")


components: tuple[Component, ...] = (
    _coming(
        "graphql",
        Graphql,
        "A GraphQL API.",
        """source: catalogue
type: graphql
servers: ["https://catalogue.example"]
path: /graphql
schema: graphql/catalogue.graphql
operations:
  product:
    query: "query ($sku: ID!) { product(sku: $sku) { name price } }"
    headers: {Accept-Language: "${ ctx.locale }"}
    params: {type: object, required: [sku], properties: {sku: {type: string}}}
    result: body.data.product
""",
    ),
    _coming(
        "odata",
        Odata,
        "An OData service.",
        """source: sap_sales
type: odata
servers: ["https://sap.example/odata/v4/sales"]
version: v4
metadata: odata/sales.xml
operations:
  order:
    entity: SalesOrders
    key: [args.order_id]
    select: [ID, Status]
    expand: [Items]
    params: {type: object, required: [order_id], properties: {order_id: {type: string}}}
  open_orders:
    entity: SalesOrders
    filter: Status eq 'open'
    order_by: [CreatedAt desc]
    top: 50
  release:
    function: Release
    effect: write
    body: {ID: "${ args.order_id }"}
    params: {type: object, required: [order_id], properties: {order_id: {type: string}}}
""",
    ),
    _coming(
        "grpc",
        Grpc,
        "A gRPC service.",
        """source: pricing
type: grpc
servers: ["pricing.example:50051"]
protos: [grpc/pricing.proto]
plaintext: true
operations:
  quote:
    method: pricing.v1.Pricing/Quote
    message: {sku: "${ args.sku }"}
    metadata: {x-channel: "${ ctx.channel }"}
    params: {type: object, required: [sku], properties: {sku: {type: string}}}
""",
    ),
    _coming(
        "soap",
        Soap,
        "A SOAP service.",
        """source: customs
type: soap
servers: ["https://customs.example/soap"]
wsdl: soap/customs.wsdl
port: CustomsPort
operations:
  declaration:
    operation: GetDeclaration
    body: {Number: "${ args.number }"}
    headers: {X-Branch: "${ config.branch }"}
    params: {type: object, required: [number], properties: {number: {type: string}}}
""",
    ),
    _coming(
        "event",
        Event,
        "A message broker.",
        """source: bus
type: event
url: ${ secret.bus_url }
operations:
  order_changed:
    publish: orders.changed
    event_type: example.acme.order.changed
    key: [args.order_id]
    headers: {x-tenant: "${ tenant.id }"}
    params: {type: object, required: [order_id], properties: {order_id: {type: string}}}
""",
    ),
    _coming(
        "llm",
        Llm,
        "A language model.",
        """source: assistant
type: llm
servers: ["https://llm.example/v1"]
api: openai
model: small-1
operations:
  summarise:
    prompt: "Summarise for a customer: ${ args.text }"
    max_tokens: 200
    temperature: 0.2
    params: {type: object, required: [text], properties: {text: {type: string}}}
  classify:
    model: small-2
    messages:
      - {role: system, content: Answer with one word.}
      - {role: user, content: "${ args.text }"}
    output_schema: {type: object, properties: {label: {type: string}}}
    params: {type: object, required: [text], properties: {text: {type: string}}}
""",
    ),
    _coming(
        "vector",
        Vector,
        "A vector store.",
        """source: manuals
type: vector
url: sqlite:///var/manuals.db
collection: manuals
embedding: assistant.embed
operations:
  search:
    collection: manuals_en
    retrieve: {query: "${ args.question }", top_k: 5, filter: {lang: "${ ctx.locale }"}}
    params: {type: object, required: [question], properties: {question: {type: string}}}
""",
    ),
)
