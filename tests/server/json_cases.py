"""Bodies by construction: each is said to be JSON that is taken, or not, after RFC 8259 and the limits of `strict_json`."""

from __future__ import annotations

import json
from collections.abc import Iterator

GOOD_SCALARS = [
    "null", "true", "false", "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.5", "-0.5", "1.0", "1e3", "1E3", "1e+3",
    "1e-3", "-1.5e-10", "1e308", "-1e308", "1e-400", '""', '"a"', '" "', '"\\""', '"\\\\"', '"\\/"', '"/"', '"\\b\\f\\n\\r\\t"',
    '"\\u0000"', '"\\u001f"', '"\\u00e4"', '"\\u20AC"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\uffff"', '"\\ufeff"', '"\\u2028"',
    '"ä"', '"€"', '"😀"', '"\x7f"', '"\ufeff"', '"\u2028"', '"\u202e"', '"\u200b"', '"null"', '"a:b"', '"{}"', '"[1,2]"', '"\\u0022"',
    '"\\u005c"', '"/* no comment */"', '"\U0010ffff"', '"\ue000"',
]  # fmt: skip
BAD_SCALARS = [
    "", " ", "nul", "NULL", "Null", "True", "TRUE", "tru", "undefined", "NaN", "-NaN", "nan", "Infinity", "-Infinity", "inf", "1e400",
    "-1e400", "01", "-01", "00", "+1", ".5", "5.", "-.5", "-", "1e", "1e+", "1.e3", "1e1.5", "0x10", "1_000", "1 2", "--1", "1-1",
    "e1", "'a'", '"a', 'a"', '"', '"\\"', '"\\x41"', '"\\a"', '"\\u12"', '"\\u12g4"', '"\\U0041"', '"\\ud800"', '"\\ud800a"', '"\\udc00"',
    '"\\ud800\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\u0041"', '"a\nb"', '"a\tb"', '"\x00"', '"\x1f"', "`a`", "a", "/1/", "1n", "1f",
    "１", "\x00", "\x0b1", "\x0c1", "\u00a01", "\ufeff1", "(1)", "1;", "<1>", "#1", "1 // one", "1 /* one */", "&", "@", "$", "!true",
]  # fmt: skip
GOOD_FRAMES = ["%s", " %s ", "\t\r\n%s\n", "[%s]", "[ %s , 1]", '{"a": %s}', '{"a":[{"b":%s}]}']
BAD_TEXTS = [
    "[", "]", "{", "}", "[}", "{]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[[]", "[]]", "[] []", "{}{}", "{} 1",
    '{"a"}', '{"a":}', '{"a" 1}', '{"a":1,}', '{,"a":1}', '{"a":1 "b":2}', '{"a":1,,"b":2}', '{"a"::1}', "{1:1}", "{a:1}", "{'a':1}",
    "{null:1}", "{[]:1}", '{"a":1', '{"a":', '{"a', "{:1}", '{"a","b"}', '{"a":1]', '["a":1]', '{"a":1}}', '{"a":1}#', '{"a":1}\x00',
    '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"a":{"b":1,"b":2}}', '[{"a":1,"b":2,"a":3}]', '{"":1,"":2}', '{"a:":1,"a:":2}',
    '{"\\"":1,"\\u0022":2}', "[" * 65 + "]" * 65, "[" * 5000, '{"a":' * 65 + "1" + "}" * 65, '[{"a":' * 200, "[" * 10_000 + "]" * 10_000,
]  # fmt: skip
GOOD_TEXTS = [
    "[]", "{}", "[[]]", "[{}]", '{"a":{}}', '{"":1}', '{"a":1,"b":2}', '{"a":1,"A":2}', '{"a":1,"a ":2}', '{"ä":1,"a\u0308":2}',
    '{"__proto__":{"a":1},"constructor":1}', "[" * 64 + "]" * 64, '{"a":' * 63 + "1" + "}" * 63, "[" + "1," * 1000 + "1]",
    '["\\\\"]', '["\\\\\\"", ":"]', '{"a\\\\":":\\"","b":1}', " [ ] ", "\n{\n}\n",
]  # fmt: skip
BAD_BYTES = [
    b"\xff", b"\xfe\xff", b"\xef\xbb\xbf{}", b"\xef\xbb\xbf", '"a"'.encode("utf-16"), "{}".encode("utf-16-le"), "{}".encode("utf-32"),
    b'"\xff"', b'"\x80"', b'"\xc3"', b'"\xc3("', b'"\xe2\x82"', b'"\xc0\xaf"', b'"\xc0\x80"', b'"\xe0\x80\xaf"', b'"\xed\xa0\x80"',
    b'"\xed\xb0\x80"', b'"\xf0\x82\x82\xac"', b'"\xf4\x90\x80\x80"', b'"\xf8\x88\x80\x80\x80"', b'{"\xff":1}', "\"ä\"".encode("latin-1"),
]  # fmt: skip


def taken() -> Iterator[bytes]:
    """Bodies that every reader reads alike."""
    for frame in GOOD_FRAMES:
        yield from ((frame % scalar).encode() for scalar in GOOD_SCALARS)
    yield from (text.encode() for text in GOOD_TEXTS)


def refused() -> Iterator[bytes]:
    """Bodies that are no JSON, or that readers read differently."""
    for frame in ("%s", "[%s]", '{"a": %s}'):
        yield from ((frame % scalar).encode("utf-8", "surrogatepass") for scalar in BAD_SCALARS if scalar.strip() or frame != "[%s]")
    yield from (text.encode() for text in BAD_TEXTS)
    yield from BAD_BYTES
    whole = json.dumps({"intent": "track_order", "input": {"a": [1, 2.5, "x\u00e4", None, True]}}).encode()
    yield from (whole[:length] for length in range(1, len(whole)))
