"""5xx: policies."""

TEXT = """
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
GW515 A reply for an error that there is not
    `replies` of policy `degradation` says what callers are told, by error code: `unavailable` is also for `circuit_open`, `timeout` and
    `overloaded`, `backend_error` also for `bad_response`, `expression_error` and `plugin_error`, `invalid_request` also for
    `missing_argument` and `too_large`, and `other` for every code that has none. `unauthorized` and `forbidden` are told nothing unless
    it is written for them.
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
GW544 A reply that a language has no text of
    Other replies are written in a language that this one of policy `degradation` is not. Who asks in it is told the English text of this
    reply or, where there is none, the gateway's own words. Add the text.
"""
