"""Which calls are known to do nothing but compute."""

from __future__ import annotations

import ast

import pytest
from loops_help import site_of

from deloop.loops.calls import is_pure_call

TOP = """
import base64, bisect, calendar, colorsys, decimal, hashlib, html, itertools, json, operator, os.path, re, statistics
import struct, textwrap, unicodedata, urllib.parse
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import escape
from pathlib import Path
from string import capwords

WORD = re.compile(r"[a-z]+")

def shout(m):
    print(m)
    return "!"

def f(xs, new, mode, key):
    loud = re.compile("x") if mode else Searcher()
    mark = "-"
    for x in xs:
        CODE
"""

PURE = [
    "escape(x)",
    "html.unescape(x)",
    "urllib.parse.quote(x, safe='')",
    "urllib.parse.urljoin(mode, x)",
    "urllib.parse.urlparse(x).geturl()",
    "os.path.join(mode, os.path.basename(x))",
    "os.path.splitext(os.path.normpath(x))",
    "re.sub('a+', 'b', x)",
    "re.sub('a+', mark, x)",
    "re.findall(mode, x)",
    "re.sub('a', lambda m: m.group(0).upper(), x)",
    "re.sub('a', str, x)",
    "WORD.match(x)",
    "WORD.sub('-', x)",
    "re.compile(mode).search(x)",
    "WORD.search(x).group(1)",
    "json.dumps(x, sort_keys=True)",
    "json.dumps(x, default=str)",
    "datetime.strptime(x, '%Y').date()",
    "date.fromisoformat(x) + timedelta(days=1)",
    "textwrap.shorten(x, 10)",
    "unicodedata.normalize('NFC', x)",
    "capwords(x)",
    "list(itertools.chain(x, x))",
    "statistics.mean(x)",
    "Decimal(x) / Fraction(x)",
    "operator.add(x, x)",
    "calendar.monthrange(x, 1)",
    "colorsys.rgb_to_hsv(x, x, x)",
    "hashlib.sha256(x.encode()).hexdigest()",
    "base64.b64encode(x).decode()",
    "struct.pack('<i', x)",
    "bisect.bisect_left(new, x)",
    "sorted(x, key=len)",
    "max(x, key=lambda v: v[0])",
]
UNKNOWN = [
    "re.sub('a', shout, x)",
    "re.sub('a', new, x)",
    "re.sub('a', repl=new, string=x)",
    "WORD.sub(shout, x)",
    "loud.search(x)",
    "mode.match(x)",
    "mode.search(x)",
    "json.dumps(x, default=shout)",
    "json.dumps(x, cls=new)",
    "json.loads(x, object_hook=shout)",
    "sorted(x, key=shout)",
    "max(x, key=key)",
    "bisect.bisect_left(new, x, key=key)",
    "textwrap.indent(x, '-', predicate=key)",
    "list(itertools.takewhile(key, x))",
    "list(itertools.groupby(x, key))",
    "operator.setitem(new, 0, x)",
    "operator.iadd(new, x)",
    "decimal.setcontext(x)",
    "calendar.setfirstweekday(x)",
    "calendar.prmonth(2024, x)",
    "struct.pack_into('<i', new, 0, x)",
    "urllib.parse.urlencode(x, quote_via=shout)",
    "datetime.now()",
    "date.today()",
    "datetime.today()",
    "x.start()",
]


def _all_pure(code: str) -> bool:
    site = site_of(TOP.replace("CODE", f"out = {code}"), 0)
    return all(is_pure_call(site, n) for n in ast.walk(site.loop) if isinstance(n, ast.Call))


@pytest.mark.parametrize("code", PURE)
def test_it_computes_and_does_nothing_else(code: str) -> None:
    assert _all_pure(code)


@pytest.mark.parametrize("code", UNKNOWN)
def test_it_may_do_anything(code: str) -> None:
    assert not _all_pure(code)
