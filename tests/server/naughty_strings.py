"""Texts that programs stumble over, made here: each is harmless to whoever treats it as data."""

from __future__ import annotations

BLANK = ["", " ", "\t", "\u00a0", "\u2003", "\u3000", "\u180e", "\ufeff"]
CONTROL = [chr(code) for code in range(32)] + ["\x7f", "\x80", "\x85", "\x9b31m", "a\x00b", "a\r\nb", "a\nb", "\u2028", "\u2029"]
INVISIBLE = [
    "\u200b",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\u034f",
    "a\u200bb",
    "\u202eabc",
    "\u2066abc\u2069",
    "\u061c",
    "\u200f\u200e",
    "\ufff9",
]
SHAPES = [
    "e\u0301",
    "\u0041\u030a",
    "Z" + "\u0351" * 60,
    "ﬃ",
    "ſ",
    "İ",
    "ı",
    "ß",
    "ẞ",
    "Å",
    "𝒽𝒾",
    "①",
    "½",
    "٣",
    "０",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "𠜎",
]
EDGES = [
    "\ue000",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\U0001f600",
    "\U0010ffff",
    "a" * 255,
    "a" * 256,
    "ä" * 5000,
    "\\",
    '"',
    "'",
    "`",
    "\\u0000",
]
WORDS = [
    "null",
    "None",
    "undefined",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "0x10",
    "1_000",
    "__proto__",
    "constructor",
    "hasOwnProperty",
]
MARKUP = [
    "<script>alert(1)</script>",
    "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "<!--",
    "]]>",
    "<!ENTITY x SYSTEM 'file:///x'>",
    "&amp;#x0;",
]
DATABASES = [
    "' OR '1'='1",
    "1; DROP TABLE orders --",
    '"; SELECT 1',
    "%27",
    "') UNION SELECT 1 --",
    "$where: 1",
    "*)(uid=*",
    "{$gt: ''}",
    "\\'",
]
LANGUAGES = [
    "${ env.SECRET }",
    "$${",
    "${7*7}",
    "{{7*7}}",
    "#{7*7}",
    "<%= 7 %>",
    "`1`",
    "input.*",
    "[?a]",
    "@",
    "&x",
    "a || b",
    "!a",
    "sum(@)",
]
SHELLS = [
    "; ls",
    "| cat /etc/passwd",
    "$(id)",
    "`id`",
    "&& true",
    "\n/bin/true",
    "../../etc/passwd",
    "..\\..\\x",
    "C:\\CON",
    "file:///x",
    "/dev/null",
    "~",
]
FORMATS = [
    "%s%s%s%n",
    "%d",
    "{0}",
    "{}",
    "{request_id}",
    "%(message)s",
    "{0.__class__}",
    "%",
    "%%",
    "%c%c",
    "\\n",
    "\\x1b[31m",
    "\x1b[2J\x1b[31m",
]
LOG_LINES = [
    'x", "level": "critical',
    'x\n{"level": "critical"}',
    "x\r\nINFO all is well",
    "x\u0085INFO",
    "x\u2028INFO",
    "x\x0bINFO",
    "${jndi:ldap://x}",
]
ADDRESSES = [
    "http://127.1/",
    "//evil.example",
    "http://[::1]",
    "0x7f000001",
    "localhost:22",
    "gopher://x",
    "?a=b&a=c",
    "#x",
    "a@b.c",
    "mailto:x",
]

NAUGHTY = [
    *BLANK, *CONTROL, *INVISIBLE, *SHAPES, *EDGES, *WORDS, *MARKUP, *DATABASES, *LANGUAGES, *SHELLS, *FORMATS, *LOG_LINES, *ADDRESSES
]  # fmt: skip
