"""2xx: references and expressions."""

TEXT = """
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
"""
