"""Inputs that take every branch: missing values, values that are looked for, texts of the form that the code wants."""

from __future__ import annotations

import pytest
from conftest import share
from equivalence_help import HEAD, body, judge, trial

from deloop.equivalence.model import Trial

IMPORTS = """
import csv
import datetime as dt
import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlparse


"""
#: What is asked of the inputs, the parameters, the loop, and a mistake that only such inputs show.
LOOPS = {
    "a number is missing, behind other conditions": (
        "payments: pd.DataFrame, limit=900.0, trusted=()",
        """
        out = []
        for p in payments.itertuples():
            if p.country == "DE" or p.iban in trusted:
                continue
            if pd.isnull(p.amount):
                continue
            if p.amount < limit:
                continue
            out.append({"row": p.Index, "over": p.amount - limit})
        """,
        ("if p.amount < limit:", "if p.amount <= limit:"),
    ),
    "a day is one of those that are written out": (
        "stays: pd.DataFrame, rate=2.0",
        """
        out = []
        for entered, minutes in zip(stays["entered"], stays["minutes"]):
            if entered.date() in {dt.date(2025, 5, 1), dt.date(2025, 5, 4)}:
                out.append(minutes * 4.0)
            elif entered.hour >= 20:
                out.append(minutes * 0.5)
            else:
                out.append(minutes * rate)
        """,
        ("out.append(minutes * 4.0)", "out.append(minutes * 4.5)"),
    ),
    "a number of a row is not equal to itself": (
        "df: pd.DataFrame, kinds=()",
        """
        out = []
        for _, row in df.iterrows():
            if row["kind"] == "x" or row["kind"] in kinds:
                continue
            if row["size"] != row["size"]:
                out.append(-1.0)
                continue
            out.append(row["size"] * 2)
        """,
        ("out.append(-1.0)", "out.append(-2.0)"),
    ),
    "numbers in records that are not a number": (
        "records",
        """
        out = []
        for r in records:
            if r["kind"] == "closed" or r["state"] == "old":
                continue
            if math.isnan(r["x"]):
                out.append(0.0)
            else:
                out.append(r["x"])
        """,
        ("out.append(0.0)", "out.append(-0.5)"),
    ),
    "None in records": (
        "records",
        """
        out = []
        for r in records:
            if r["kind"] == "closed" or r["state"] == "old":
                continue
            if r["x"] is None:
                out.append("none")
            else:
                out.append(r["x"])
        """,
        ('"none"', '"None"'),
    ),
    "pairs of elements in a container": (
        "teams, blocked=()",
        """
        out = []
        for i in range(len(teams)):
            for j in range(i + 1, len(teams)):
                pair = (teams[i], teams[j])
                if pair in blocked:
                    continue
                out.append(pair)
        """,
        ("if pair in blocked:", "if pair[::-1] in blocked:"),
    ),
    "what a set holds is computed": (
        "words, stop: set",
        """
        out = []
        for w in words:
            key = w.strip().lower() + "!"
            if key in stop:
                out.append(0)
            else:
                out.append(len(w))
        """,
        ("out.append(0)", "out.append(1)"),
    ),
    "the keys of a dict are pairs": (
        "first, second, prices: dict",
        """
        out = []
        for a, b in zip(first, second):
            if (a, b) not in prices:
                out.append(None)
                continue
            out.append(prices[(a, b)])
        """,
        ("prices[(a, b)]", "prices[(a, b)] + 1"),
    ),
    "rows of text with a date and a number, or a remark": (
        "rows: list",
        """
        out = []
        for row in csv.reader(rows):
            if not row or row[0].startswith("#"):
                continue
            day = datetime.strptime(row[0], "%d.%m.%Y").date()
            out.append({"day": day, "text": row[1].strip(), "amount": float(row[2].replace(",", "."))})
        """,
        ('.replace(",", ".")', '.replace(",", "")'),
    ),
    "lines with a date and a whole number": (
        "lines",
        """
        out = []
        for line in lines:
            parts = line.strip().split(";")
            if parts[0].startswith("//"):
                continue
            out.append((dt.date.fromisoformat(parts[0]), int(parts[1].rstrip("%"))))
        """,
        ('startswith("//")', 'startswith("/")'),
    ),
    "texts that are times, or the word for none": (
        "stamps: list[str], known: set",
        """
        out = []
        for s in stamps:
            if s == "never":
                out.append(0)
                continue
            at = datetime.strptime(s, "%Y/%m/%d %H:%M")
            out.append(at.hour if at.minute else -at.hour)
        """,
        ("-at.hour", "at.hour - 24"),
    ),
    "the endings of paths": (
        "paths, skip=('tmp', 'bak')",
        """
        out = []
        for p in paths:
            ext = os.path.splitext(p)[1]
            if not ext:
                continue
            if ext == ".csv" or ext[1:] in skip:
                out.append(p)
        """,
        ("if not ext:", "if ext == '.':"),
    ),
    "the names of paths": (
        "paths",
        """
        out = []
        for p in paths:
            if Path(p).suffix == ".log":
                out.append(1)
            elif Path(p).name == "README":
                out.append(2)
            else:
                out.append(0)
        """,
        ("out.append(2)", "out.append(3)"),
    ),
    "the parts of addresses": (
        "links",
        """
        out = []
        for link in links:
            parts = urlparse(link)
            if not parts.netloc:
                continue
            out.append(parts.netloc.lower())
        """,
        ("parts.netloc.lower()", "parts.netloc"),
    ),
    "None in a column of text": (
        "df: pd.DataFrame",
        """
        out = []
        for _, row in df.iterrows():
            if row["email"] is None:
                out.append("none")
                continue
            out.append(row["email"])
        """,
        ('"none"', '"None"'),
    ),
    "the folders of paths": (
        "paths",
        """
        out = []
        for p in paths:
            folder, name = os.path.split(p)
            if not folder:
                continue
            out.append(name.upper())
        """,
        ("if not folder:", "if not name:"),
    ),
    "a date is long before a day that an argument says": (
        "visits: pd.DataFrame, today: pd.Timestamp, months=6",
        """
        limit = today - dt.timedelta(days=30 * months)
        out = []
        for v in visits.itertuples():
            if v.last >= limit:
                continue
            out.append((v.patient, (today - v.last).days))
        """,
        ("(today - v.last).days", "(limit - v.last).days"),
    ),
    "several values are bound by unpacking": (
        "lines: list",
        """
        out = []
        for line in lines:
            mass, height = line.split(",")
            if float(height) < 10:
                continue
            out.append(float(mass))
        """,
        ("out.append(float(mass))", "out.append(float(height))"),
    ),
}


@pytest.mark.parametrize("name", share(LOOPS, 3))
def test_the_branch_is_taken_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    before = IMPORTS + body(signature, code)
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


MEMBERSHIP = body(
    "rows: list[str], known=()", "out = []\nfor r in rows:\n    out.append(r[-2:] != 'zz9' or r in known)"
)


def test_what_is_only_asked_for_what_is_in_it_is_no_iterator() -> None:
    after = MEMBERSHIP.replace("r[-2:] != 'zz9' or r in known", "(r in known) | (r[-2:] != 'zz9')")
    found = judge(trial("same", MEMBERSHIP, after))["same"]
    assert str(found.verdict) == "verified", found.reason


def test_what_is_gone_through_may_be_an_iterator() -> None:
    before = body("xs", "out = []\nfor x in xs:\n    out.append(x * 2)")
    after = body("xs", "list(xs)\nout = []\nfor x in xs:\n    out.append(x * 2)")
    assert str(judge(trial("wrong", before, after))["wrong"].verdict) == "refuted"


READER = """
import csv
from datetime import datetime


def f(path):
    out = []
    with open(path, newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        for row in reader:
            if not row or row[0].startswith("#"):
                continue
            day = datetime.strptime(row[0], "%Y-%m-%d").date()
            out.append({"day": day, "amount": float(row[1].replace(",", "."))})
    return out
"""
RECORDS = """
import csv


def f(path):
    with open(path, newline="") as file:
        out = []
        for row in csv.DictReader(file):
            if row["state"] == "closed":
                continue
            out.append((row["name"].upper(), float(row["amount"])))
        return out
"""


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (READER, ('startswith("#")', 'startswith("##")')),
        (READER, ("if not row or", "if")),
        (READER, ('replace(",", ".")', 'replace(",", "")')),
        (RECORDS, ('== "closed"', '!= "closed"')),
        (RECORDS, ('row["amount"]', 'row["amount"][:1]')),
    ],
)
def test_the_rows_of_a_reader_have_what_is_read_of_them(code: str, change: tuple[str, str]) -> None:
    lines = [k for k, line in enumerate(code.split("\n"), 1) if line.lstrip().startswith(("for", "out.append"))]
    wrong = code.replace(*change)
    assert wrong != code
    where = (min(lines) + len(HEAD.split("\n")) - 2, max(lines) + len(HEAD.split("\n")) - 2)
    same, other = ((HEAD + c.strip("\n") + "\n") for c in (code, wrong))
    found = judge(Trial("same", same, same, where, where, ()), Trial("wrong", same, other, where, where, ()))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason
