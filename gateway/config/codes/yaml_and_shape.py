"""0xx: YAML, 1xx: shape."""

TEXT = """
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
"""
