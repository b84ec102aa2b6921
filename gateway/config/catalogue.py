"""Every code of a configuration problem, with a title of one line and what `gateway explain GW101` says about it.

To add a code, add it to `_TEXT` at its number: the code and its title on one line, cause and mending below, indented. The
codes of the expression language have their titles beside the language itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from gateway.expressions.faults import TITLES


class Entry(msgspec.Struct, frozen=True):
    """What there is to say about one code."""

    title: str
    text: str


_TEXT = """
GW001 A file can't be read
    It is missing, is not a file, or may not be opened by the user the gateway runs as. Check its name and permissions.
GW002 A character is not allowed
    Files are UTF-8. Other bytes, control characters, and line separators that editors hide are refused. Save the file as
    UTF-8; write such a character as an escape ("\\u0007") in a double-quoted text where it is meant.
GW003 The file is not YAML
    The text can't be read at the place shown. Mostly it is an indentation that differs from the lines above, a quote or a
    bracket that is never closed, a tab, or a value with `: ` in it that has to be quoted.
GW004 A key is written twice
    Two entries of one mapping have the same key. Most YAML readers silently keep the last; here one has to go. Keys are
    compared as text, so `1` and "1" are the same key.
GW005 The merge key `<<` is not used here
    Use `extends: <name>` for sources and intents, an overlay (`gateway.prod.yaml`) for an environment, or write the keys out.
GW006 A tag or directive is not used here
    YAML reads a value that starts with `!` as a tag. Where an expression or a text is meant, quote the whole value:
    when: "!(a.b)". Lines that start with `%` are directives and are not needed.
GW007 An alias can't be used like this
    An alias (`*name`) may repeat a value that an anchor (`&name`) names above it in the same document. It may not stand inside
    that value or name one that holds aliases itself, because such values multiply. A text that starts with `*` must be quoted.
GW008 `${` can't be used in a key
    Keys are fixed when the configuration is loaded; only values are evaluated. Build a map from data with `$each`.
GW009 A comment swallows an expression
    In an unquoted value ` #` starts a comment, so YAML cut the value there and dropped the `${ }` behind it. Quote the whole
    value. Where it is a comment, put it on a line of its own.
GW010 A value that YAML readers disagree about
    `007` is 7, octal or text; `True` is a truth value or text; `.inf` has no JSON. Quote it where text is meant, else write the
    number without its zero, `true` or a finite number.
GW011 Too large
    Files, documents and values are bounded (size, number, levels of nesting), so that no file can stall the gateway. Split it.
GW012 An empty file or document
    There is nothing to load. Remove the file or the `---`, or write the document.
GW013 A document must be a mapping
    Each document is a mapping whose first key says what it is: `intent: track_order`.
GW014 A value that YAML can't read unquoted
    A value that starts with `!`, `%`, `@`, `*` or a backtick, and an unquoted `{…}` inside `{ }` or `[ ]`, mean something to YAML.
    Quote the whole value: with: {order_id: "${ input.order_id }"}.
GW015 A key must be text
    Lists, mappings, aliases and nothing at all can't be keys.
GW020 There is no configuration here
    The folder must hold a `gateway.yaml`. Give another folder with -C.
GW021 There is no overlay for this environment
    `--env prod` (or GATEWAY_ENV=prod) lays `gateway.prod.yaml` over `gateway.yaml`; that file must exist.
GW022 A folder or link can't be used
    Folders named in `gateway.yaml` lie below it and exist. Links that lead out of the configuration's folder, and links to
    folders, are not followed.
GW023 A file is not read because of its name
    Only names that end with `.yaml` are read.
GW100 Too many faults in one document
    The first ones are shown. Mend them and check again.
GW101 An unknown key
    The key is not known at this place. The help line lists what is.
GW102 A value of the wrong type
    Another type of value is expected here, such as a list instead of a text. A text that looks like a number has to be quoted.
GW103 A key is missing
    The mapping lacks a key that it needs. The place shown is the line that names the mapping.
GW104 A value that is not possible here
    The type is right, the value isn't: it is not one of the words, not in the range, or not in the form that is needed.
GW105 A duration or size without a unit it needs
    Durations are written with a unit (`250ms`, `2s`, `1m30s`, `4h`, `30d`), sizes too (`512B`, `64KiB`, `1MiB`).
GW106 A JSON Schema that says nothing
    A reference leads nowhere or in a circle, a required name can't be there, or the schema is nested too deeply.
GW107 Keys that exclude or need each other
    Of some keys exactly one may be there; some have a meaning only beside another.
GW108 A pattern outside the linear-time dialect
    Patterns are RE2's: no look-around, no back-references, repetitions up to 1000. So no text can make one slow.
GW109 An unknown format
    The formats that are checked are `date date-time time duration email uri uuid ipv4 ipv6 hostname`.
GW110 A key that is checked, not in force yet
    The key is part of the language and its value is checked, but this release does nothing with it. A later one will.
GW111 A protecting key that is not in force yet
    The key limits what may happen, and this release can't enforce it. So that nobody relies on it, it is an error: take it out.
GW112 Another dialect of JSON Schema
    Schemas are draft 2020-12; the line `$schema` can be left out.
GW120 A name is given twice
    Two documents of a kind have one name (intents: one name and version), or two documents of a policy write one key.
GW121 A document doesn't say what it is
    One of its top-level keys must be `source`, `intent`, `route`, `transform`, `policy` or `test`, with its name.
GW122 A document is in the wrong file
    Sources, intents, routes and transforms stand below `specs`, policies below `policies`, tests in files `*.test.yaml`, and
    `gateway.yaml` and its overlays hold one document each.
GW123 `extends` names something unknown
    A source extends a source, an intent extends an intent, by name.
GW124 `extends` runs in a circle
    Each document in the circle starts from another of it, so none has a start. Break it at one place.
GW201
    The expression doesn't follow JMESPath's grammar at the place shown; often a quote or a bracket is missing.
GW202
    Each position sees a closed set of roots (`input`, `steps`, `user` …). What another position sees is not there.
GW203
    The set of functions is closed; the hint names the nearest one. Plugins may add functions.
GW204
    The function takes another number or kind of arguments.
GW205
    `!a.b` means `(!a).b`. Write `!(a.b)`.
GW206
    In JMESPath a bare word is a field, and so is one in double quotes. Write the literal in backticks: `true`; a text in single
    quotes: 'open'. For a truth value the bare path is enough.
GW207
    Numbers stand in backticks in JMESPath: length(items) > `3`.
GW208
    Inside a filter a name is a field of the element. To compare with something outside, use `$each` with `$where`.
GW209
    `$each $as $where $limit $do`, `$if $then $else`, `$use`, `$literal` are reserved and belong together as the language says;
    a key that is data is written with a second `$`.
GW210
    On a text `contains` finds parts of words, so `contains('superadmin', 'admin')` would hold. Use a list, or `==`.
GW211
    Patterns are checked when the configuration is loaded and run in linear time, so they must be constant and RE2.
GW212
    The name would hide a root. Take another.
GW213
    `$${` writes a literal `${`. For a price in dollars use `money()`.
GW214
    Named transforms are `transform:` documents.
GW215
    `plural` needs a form for each plural category of the language, at least `other`.
GW216
    Expressions are bounded in length and nesting, so that none can stall the gateway. Split it with `let` steps.
GW217
    `today()` and `now()` need a request; this position is evaluated without one.
GW220 An unknown step
    An expression or `depends_on` names a step that the intent doesn't have.
GW221 Steps wait for each other in a circle
    Each step of the circle reads another, so none can start.
GW222 An unknown source
    `call` and `emit` name `source.operation`; there is no such source.
GW223 An unknown operation
    The source doesn't have this operation. An imported operationId keeps its spelling.
GW224 An unknown argument
    The operation's `params` (or the intent's `input`) don't declare it. Declare it, or allow `additionalProperties` there.
GW225 A required argument is missing
    The operation can't be called without it. Add it to `with` (or `input`).
GW226 An unknown field
    What is read has no such field, by the schema that its source or the intent declares.
GW227 An unknown intent
    `call: intent.<name>`, routes and actions name intents by their name.
GW228 Intents call each other in a circle
    A sub-intent may not lead back to the intent that calls it.
GW229 A step reads its own value
    Inside a step its value is `result`, in `ensure` and `output`; `steps.<id>` is there once the step is done.
GW230 An operation that can't batch
    `batch.operation` names another operation of the same source, which takes many keys at once.
GW231 A step that nothing reads
    A read whose value is used nowhere never runs. Use it, or take it out. A step with `ensure` always runs.
GW232 An unknown transform
    Named transforms are `transform:` documents.
GW233 A key that has no meaning in this kind of step
    A step is exactly one of `call`, `join`, `let`, `emit`; some keys belong to steps that call.
GW234 `as` hides a root
    The name given by `as` would hide a root of the same name.
GW235 A root is read without a name
    `steps`, `status` and `meta` are read by step: `steps.order.state`.
GW236 A join that can't be carried out
    `by` pairs as many fields on the left as on the right, and only one match can be merged.
GW237 Transforms use each other without end
    A transform may use another with `$use`, but not lead back to itself, and only some deep.
GW238 Two routes answer the same request
    Method and path of a request must lead to one route.
GW239 A route on a path of the gateway
    Paths such as `/v1/chat` and `/healthz` are answered by the gateway itself. Take another path.
GW240 An argument is used that `params` doesn't declare
    Every argument that a request uses is declared in `params`, with its type.
GW241 An argument that is never used
    `params` declares it, but nothing of the request carries it. Use it, or take it out.
GW242 A request line that can't be read
    Write method and path: request: "GET /v2/shipments/{tracking_no}".
GW243 A header that can't be sent
    Header names are tokens, values hold no line breaks, and some headers belong to the connection and are set by the gateway.
GW244 Keys of an operation that contradict each other
    An argument has one place, and some settings need another engine.
GW245 An API description that can't be opened
    `spec` names a JSON or YAML file below the configuration's folder.
GW246 A file that is no API description
    OpenAPI 3.0, OpenAPI 3.1 and Swagger 2.0 can be read.
GW247 An operation that the API description doesn't have
    `operation` is an operationId of the document, or the name made of method and path where it has none.
GW248 An operation of an API description that can't be called
    Bodies are JSON, forms, multipart forms of text, or text; file uploads, XML and binary bodies are not supported.
GW249 An operation's name is taken
    Each operation of a source has a name of its own.
GW250 A query that can't be read
    One statement with bound `:names`; quotes and comments must be closed.
GW251 A statement that changes data where only reading is allowed
    A source of databases reads unless `read_only: false` is written, and what changes data has `effect: write`.
GW252 A database that can't be used
    Its URL can't be read, or its driver can't be used from asynchronous code.
GW253 A database driver is missing
    The driver of this kind of database is an extra; install the one that the hint names.
GW254 A server's address that can't be used
    A server is a base URL: scheme, host, and where needed port and path.
GW255 A source's `auth` that can't be used
    With it no call could be proven, or a secret would be seen by others: a token URL that is not `https` (nor of this machine), a
    user name with a colon, a key too short to sign with, text that a header can't carry, or a header that the source sends twice.
GW256 Servers that can't be picked as it says
    `balance: consistent_hash` sends calls with equal `key` to the same server, so it needs a `key`; no other `balance` reads one.
GW260 A path that is written as a text
    Outside of `${ }` nothing is evaluated: `sku: input.sku` is that text, `sku: ${ input.sku }` the value. Where the text is meant,
    write `{$literal: input.sku}`.
GW261
    `[*]`, `[]`, `[?…]`, `foreach` and `$each` go through a list, `.*` through an object. By its schema the value is something else.
GW262
    Fields belong to objects. A list's items have theirs one by one: `[0].sku`, `[*].sku`. A text or number has none.
GW263
    `[0]` takes an item of a list. Behind a filter or projection it would take one of each item; end these with a pipe first:
    `rows[?open] | [0].sku`.
GW264
    Both sides are of kinds that are never equal and have no order, by the schemas: the condition would always go the same way. Turn
    one side into the other's kind, or compare with the value that was meant.
GW265
    The value compared with is not among those that the schema lists. Mostly it is misspelt; if the backend has new values, add them
    to `output_schema`.
GW266
    Null writes nothing into a text, so that it reads "Order  is on its way". Give a value for that case, or choose another text by
    `when`.
GW267 An argument of the wrong type
    By its schema the operation (or the intent) takes something else. Numbers, truth values and texts are turned into each other;
    lists, objects and values that a list of values excludes are not.
GW268 Join keys that never match
    The keys of both sides are of different types, by their schemas. `cast: string`, `cast: int` or `cast: lower` brings them together.
GW269
    The transform reads of its value what this value, by its schema, can't have. Reshape the value first, or use another transform.
GW270 A source that nothing uses
    No intent, route or part of `gateway.yaml` names it. Use it, or take its document out.
GW271 An operation that nothing uses
    It is declared, and no step, batch or other part of the configuration calls it. Use it, or take it out. Operations of an API
    description that are not written out are not meant.
GW272 A transform that nothing uses
    No `transform:` and no `$use` names it. Use it, or take its document out.
GW273 An input that is never read
    Callers are asked for it, and no step, output or reply depends on it. Use it, or take it out of `input`. An input whose value
    is fixed by its schema (`const`) is there to be checked, and is not meant.
GW274 A `let` member that is never read
    Nothing mentions `steps.<step>.<name>`. Use it, or take it out.
GW275 An internal intent that nothing calls
    `internal: true` leaves it to other intents, and none calls it. Call it, open it, or take it out.
GW276 A key of `config` that is never read
    No expression mentions `config.<key>`. Use it, or take it out.
GW277 A flag that is never read
    No expression mentions `flags.<name>`. Use it, or take it out.
GW301 Two writes wait for each other
    No write starts before every `ensure` that is not behind it has passed. Order the two with `depends_on`.
GW302 Intents are nested too deeply
    An intent may call an intent, up to a fixed depth.
GW303 A JSON Schema that can't be used
    Schemas are JSON Schema draft 2020-12 with patterns in RE2.
GW304 A limit that widens
    A step's `timeout`, `retry` and `cache` may only narrow its operation's (a `retry`: fewer tries, some of its codes, shorter waits; a
    `cache`: shorter times, a narrower `scope`). What an operation doesn't keep can't be narrowed; under which key and names something is
    kept, and how long an absence is remembered, is for the operation to say.
GW305 The worst case is longer than the deadline
    The steps of the critical path, one after the other, each taking as long as its `timeout` and retries allow, need more time
    than the intent's `deadline` gives them: a slow day of several backends then ends in a timeout, though each was within its own
    limit. Only limits that somebody wrote are counted, and only steps whose failure makes the answer fail: one that is
    `required: false`, or whose ladder ends in a `return`, gives way instead. Narrow a `timeout`, or raise the `deadline`.
GW306 A rung that can't be reached
    A ladder takes the first rung that applies. This one stands behind a rung that always applies or that answers on the same
    condition; or the time limits before it leave nothing of the deadline once the calls before it have run into theirs; or it
    asks for a stale value and nothing is kept that long.
GW307 One call for each item
    A `foreach` over a read without `batch` asks the backend once per item, up to `max_items`. Where the backend can answer for
    many keys at once, give the operation a `batch`; where the list is always short, write its `max_items` (10 or fewer).
GW308 A cache that keeps nothing
    `ttl: auto` follows the headers of the backend's answer; a source of this type has none, so nothing is ever kept. Write how long an
    answer is fresh.
GW310 A denial that can be told from an absent thing
    `deny: not_found` is to look like an absent thing. Beside `fallback` or `required: false` an absent thing is caught, a denial
    never: callers can tell the two apart.
GW311 A write without an idempotency key
    A request that is sent twice (an impatient user, a client that tries again) would write twice. Give the intent an
    `idempotency_key`, or, where callers send the header `Idempotency-Key` and the backend heeds it, the operation an `idempotency`.
GW312 A key that has no place on a write
    A write is never cached, hedged, or tried again without a key that lets the backend tell the second try from a second write
    (`idempotency`). Take the key out, or mark the operation as a read where it is one.
GW313 A method that changes data, marked as a read
    Reads are shared between callers, batched, cached and tried again; a POST, PUT, PATCH or DELETE mostly may not be. Take
    `effect: read` out, unless the backend only searches with it.
GW316 A retry that can't help
    Another try may help where a backend can't be reached (`connect`), doesn't answer in time (`timeout`), or answers 408, 429 or a
    status from 500 on. Any other status is about the request itself, and would come again. `backoff` goes from short to long.
GW317 A hedge that never starts
    A read is sent a second time when `delay` has passed, but its `timeout` is over by then. Take a `delay` that most answers beat.
GW401 An environment variable is not set
    `${ env.X }` needs X when the configuration is loaded. Set it, or give a default: ${ env.X || 'value' }.
GW402 A secret is not set
    `${ secret.x }` needs the variable GATEWAY_SECRET_X, or a file `x` in the folder that GATEWAY_SECRETS_DIR names.
GW403 A secret can't be used here
    Secrets are allowed below `auth identity stores tls channels`, in `url` and in a source's `headers`, so that none can get
    into an answer or a log.
GW404 A value of the environment can't be used
    It isn't of the type that the key takes, or the expression round it gives no single value. The value itself is not shown.
GW405 A certificate that can't be served
    `server.tls` names the files of the listener's certificate (with those between it and its authority behind it), of its private key,
    and with `client_ca` of the authorities of its clients, all as PEM. They must be there, readable, and belong together; a key with
    a password can't be read. When the files change, new connections get the new certificate; one that can't be used leaves the old.
GW501 An unknown role
    Roles are declared in the policy `roles`.
GW502 A role inherits from itself
    `inherits` runs in a circle.
GW503 A permission that names nothing
    `intent:<name>`, `route:<name>` and `source:<name>` name what exists; `admin:` and `release:` need a name too, `trace` has none.
GW504 A pattern that matches nothing
    No name fits it, so it allows, or hides, nothing now. Check its spelling.
GW505 An unknown field of audit records
    `fields` of policy `audit` names what is recorded of a request: who asked (`user.id`, and the other members of `user`), what was
    asked and touched, how it ended. What callers send and what backends answer is never recorded.
GW506 Nobody can call
    Without `identity` no caller is known, and nothing is open by default. Name how callers prove who they are.
GW507 A permission that is always taken back
    A denial without `when` and `unless` beats whatever allows the same to the same roles, so this line allows nothing. Narrow the denial,
    or take the line out.
GW510 An unknown circuit breaker
    `circuit_breaker` names one of a policy `circuit_breakers`, or is written out in place.
GW511 An unknown tier
    Tiers are the names in `rate_limits` of the policy of that name. A caller for whom no tier is written gets `default`.
GW512 An unknown version
    A release names versions of an intent that are loaded side by side.
GW513 An unknown tenant
    Tenants are the names below `tenants.known` in `gateway.yaml`; without `tenants` there is only `default`.
GW514 A host that means two tenants
    Requests for a host name belong to one tenant. Take the name out of one of them.
GW520 An API key's hash that can't be used
    Only hashes of keys are kept: `sha256:` and 64 lower-case hexadecimal digits, as `printf %s "$KEY" | sha256sum` prints them.
GW521 Two keys that are the same
    Each key belongs to one caller: API keys differ in their hash, signing keys in their name.
GW522 The user of an API key isn't complete
    A user has an `id`, as text; `roles`, `groups` and `scopes` are lists of texts.
GW523 A key whose time is over
    Since `expires` has passed, the key is refused. Remove it, or write a later time where it should still be accepted.
GW524 An address of an issuer that can't be used
    Keys and tokens are asked about over https only; plain http is for an issuer on the machine itself (`127.0.0.1`, `localhost`).
    An issuer whose metadata is to be found must be such an address; else write `jwks_uri` or `keys`.
GW525 A key that can't be used to verify
    The file can't be read, holds no key that fits one of `algorithms`, holds a private key where a public one is enough, or a secret
    that is too short to be one. RSA keys have 2048 bits or more; secrets are as long as their hash (RFC 7518 section 3.2).
GW526 Two identities for one issuer
    A token's `iss` tells which entry of `identity` reads it, so each issuer stands there once: write one entry with both audiences.
    An opaque token tells nothing, so one entry at most is asked about those.
GW527 Keys of an identity that contradict each other
    What is written can't all hold: public keys and shared secrets in one entry, keys of its own beside `jwks_uri`, or a member of
    `user` that the gateway sets itself.
GW528 Nothing that a proxy may be trusted by
    `server.trusted_proxies` lists the addresses or networks of the proxies in front of the gateway. What they say about a request's
    origin is believed, and nobody else: without them a certificate in a header proves nothing, and one of the connection itself only
    comes where `server.tls` has a `client_ca`.
GW529 Origins that can't be let in
    `cors` names the origins whose pages may use the gateway from a browser: scheme and host, and the port where it isn't the
    scheme's own, as `https://shop.example`. `https://*.shop.example` is every origin with one more label. `*` is every page there
    is; those may not send cookies or certificates (`credentials`), or any page could act for whoever visits it.
GW530 A cache is shared more widely than its content
    Who may share an entry (`scope`) is at most as wide as what the answer depends on: an operation that sends something of the
    caller, and an intent with a `guard`, an `ensure` or `user.*`, give an answer for one user; one that sends something of the
    tenant, for one tenant. Narrow the scope, or leave it out: then it follows by itself.
GW531 Personal data without a rule
    The intent reads data of the caller, classified data, or data that an input picks out by a name that callers are known by, and
    nothing says who may have it: no `access`, no policy that allows it to callers who are known, no `guard` and no `ensure`. Allow
    it to roles, or check whose data it is.
GW532 Classified data reaches somebody who isn't cleared for it
    A field has a class, such as `pii`, in its source, and the class stays with whatever is made of it; only comparisons, `length`,
    `contains`, `sha256` and `mask` drop it. Roles that may use the intent are cleared by `clears: [pii]`, or a rule of policy `masking`
    hides it from them: one whose `unless` doesn't hold for a caller with that role, or can't be decided by the role alone; one with a
    `when` only where the role alone decides that it holds. `public` and `internal` need no clearance.
GW533 Classified data is sent to a source that doesn't accept it
    `accepts` of a source lists the classes that may be sent there; sources of type `llm` and `event` accept none unless they say so.
GW534 An answer of an intent that can't be kept
    `cache` of an intent keeps its whole answer and gives it to later requests: for a `ttl` that is written there, since an intent has no
    headers of its own; and not where its steps read `ctx.request_id`, or send it, which no two requests have in common. An intent that
    is `internal` is only asked by others, and runs whenever they do: keep their answers, or those of its operations. `negative` beside
    an `ensure` with `deny: not_found` would tell callers apart what is to look the same: an absence that is remembered is answered
    sooner than a denial, which never is.
GW540 A role that nobody uses
    It allows and clears nothing, no other role inherits from it, and nothing names it. Use it, or take it out.
GW541 A circuit breaker that nothing uses
    No source and no operation names it. Use it, or take it out.
GW542 A tier that nothing uses
    Neither `tier` nor a tenant mentions it. Use it, or take it out.
GW543 An intent that nobody may use
    No policy allows it and its `access` names no role, or a rule always denies it to everybody who is allowed; the default is to deny.
    Allow it, or make it `internal: true`.
"""


def _entries(text: str) -> dict[str, Entry]:
    """The codes of a text as above; a code without a title has that of `TITLES`."""
    found = {code: Entry(title, "") for code, title in TITLES.items()}
    for block in re.split(r"^(?=GW)", text, flags=re.MULTILINE)[1:]:
        heading, *lines = block.splitlines()
        code, _, title = heading.partition(" ")
        found[code] = Entry(title or TITLES[code], " ".join(line.strip() for line in lines))
    return found


ENTRIES: Mapping[str, Entry] = MappingProxyType(_entries(_TEXT))
"""Every code with title and text."""

CODES: Mapping[str, str] = MappingProxyType({code: entry.title for code, entry in sorted(ENTRIES.items())})
"""Every code with its title."""


def explain(code: str) -> str | None:
    """The long text for a code, in any case (`gw101`); None for an unknown one."""
    entry = ENTRIES.get(code.upper())
    return None if entry is None else f"{code.upper()}: {entry.title}\n\n{entry.text}".rstrip() + "\n"
