"""Inputs that take every branch: missing values, values that are looked for, texts of the form that the code wants."""

from __future__ import annotations

import pytest
from equivalence_help import body, judge, trial

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
}


@pytest.mark.parametrize("name", LOOPS)
def test_the_branch_is_taken_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    before = body(signature, code)
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


MEMBERSHIP = body("rows: list[str], known=()", "out = []\nfor r in rows:\n    out.append(r[-2:] != 'zz9' or r in known)")


def test_what_is_only_asked_for_what_is_in_it_is_no_iterator() -> None:
    after = MEMBERSHIP.replace("r[-2:] != 'zz9' or r in known", "(r in known) | (r[-2:] != 'zz9')")
    found = judge(trial("same", MEMBERSHIP, after))["same"]
    assert str(found.verdict) == "verified", found.reason


def test_what_is_gone_through_may_be_an_iterator() -> None:
    before = body("xs", "out = []\nfor x in xs:\n    out.append(x * 2)")
    after = body("xs", "list(xs)\nout = []\nfor x in xs:\n    out.append(x * 2)")
    assert str(judge(trial("wrong", before, after))["wrong"].verdict) == "refuted"
