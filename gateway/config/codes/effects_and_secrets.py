"""3xx: budgets and effects, 4xx: environment and secrets."""

TEXT = """
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
"""
