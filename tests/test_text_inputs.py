"""Texts that a loop takes apart, compares pieces of and reads numbers from; and cells that hold many numbers."""

from __future__ import annotations

import pytest
from conftest import share
from equivalence_help import HEAD, body, judge, trial

from deloop.equivalence.model import Trial

LOOPS = {
    "words of what is written out as text, by how they begin": (
        "rows, known",
        """
        out = []
        for cell in rows:
            text = ""
            for word in str(cell).split():
                word = str(word).lower()
                if word[:4] == "http" or word[:3] == "www":
                    continue
                text += word + " "
            out.append(text)
        """,
        ('"www"', '"ww"'),
    ),
    "moments as texts, of which the time is cut out": (
        "df: pd.DataFrame",
        """
        out = np.zeros(len(df))
        for i in range(len(df)):
            time = df["when"].values[i][11:]
            parts = np.array(time.split(":")).astype(int)
            out[i] = parts[0] * 3600 + parts[1] * 60 + parts[2]
        """,
        ("* 60 + parts[2]", "* 61 + parts[2]"),
    ),
    "moments as texts that other texts of the table are not": (
        "df: pd.DataFrame",
        """
        out = []
        for i in range(len(df)):
            day = df["when"].values[i][:10]
            parts = day.split("-")
            out.append(df["place"].values[i] + str(int(parts[1]) - int(parts[2])))
        """,
        ("int(parts[1]) - int(parts[2])", "int(parts[2]) - int(parts[1])"),
    ),
    "numbers at fixed places of texts": (
        "codes",
        """
        out = []
        for code in codes:
            out.append(int(code[:4]) * 12 + int(code[4:6]))
        """,
        ("code[4:6]", "code[4:5]"),
    ),
    "a column of texts that is made one of numbers": (
        "df: pd.DataFrame",
        """
        df["pay"] = df["pay"].apply(lambda x: x.replace(",", "").strip("$").split(".")[0])
        df["pay"] = pd.to_numeric(df["pay"], errors="coerce")
        out = []
        for place in df["place"].value_counts().index:
            part = df[df["place"] == str(place)]
            out.append(part[part["pay"] == part["pay"].max()]["name"].values[0])
        """,
        ('part["pay"].max()', 'part["pay"].min()'),
    ),
    "texts that are counted, of which all but one are numbers": (
        "df: pd.DataFrame",
        """
        out = []
        for place in df["place"].value_counts().index:
            part = df[df["place"] == str(place)]
            counts = part["answer"].value_counts()
            total = 0
            for k, answer in enumerate(counts.index):
                if answer == "rather not":
                    total += 100
                else:
                    total += counts.values[k] * int(answer)
            out.append(total)
        """,
        ("+= 100", "+= 101"),
    ),
    "rows whose labels are dates": (
        "rates: pd.DataFrame",
        """
        out = {}
        for k in range(1, 13):
            out[k] = sum(rates.loc[rates.index.month == k, "mean"]) / 3.0
        """,
        ("/ 3.0", "/ 2.0"),
    ),
    "rows of cells that hold a picture": (
        "df: pd.DataFrame, n=4",
        """
        out = []
        for i in range(n):
            picture = np.reshape(np.array(df.iloc[i, 1]), (25, 25))
            out.append(picture.sum())
        """,
        ("df.iloc[i, 1]", "df.iloc[0, 1]"),
    ),
    "texts in lists, of which some are what is looked for": (
        "df: pd.DataFrame, found",
        """
        for i in range(len(df)):
            for j in range(len(df["cells"][i])):
                if df["cells"][i][j] == ":":
                    found[i] = j
                    break
        """,
        ("= j\n", "= i\n"),
    ),
}


@pytest.mark.parametrize("name", share(LOOPS, 3))
def test_the_loop_is_run_and_a_mistake_found(name: str) -> None:
    signature, code, change = LOOPS[name]
    before = body(signature, code, "found" if "found" in signature else "out")
    after = before.replace(*change)
    assert after != before
    found = judge(trial("same", before, before), trial("wrong", before, after))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


NESTED = """
def f(df, years, names):
    out = []
    for year in years:
        part = df[df["year"] == year]
        rows = part.iloc[np.where(part["name"] == names[0])[0]].values
        for name in names[1:]:
            rows = np.append(rows, part.iloc[np.where(part["name"] == name)[0]].values, axis=0)
        out.append(rows)
    return out
"""


def test_a_module_is_no_input_where_its_function_has_the_name_of_a_method_that_changes_things() -> None:
    text = HEAD + NESTED.strip("\n") + "\n"
    wrong = text.replace("axis=0)", "axis=0)[::-1]")
    first = text[: text.index("        for name")].count("\n") + 1
    lines = first, first + 1
    found = judge(Trial("same", text, text, lines, lines), Trial("wrong", text, wrong, lines, lines))
    assert str(found["same"].verdict) == "verified", found["same"].reason
    assert str(found["wrong"].verdict) == "refuted", found["wrong"].reason


SLOW = """
def f(xs):
    near = np.zeros(len(xs))
    for i in range(len(xs)):
        for x in xs[:100]:
            for k in range(6):
                near[i] += abs(xs[i] - x) * k
    out = []
    for value in near:
        out.append(value * 2)
    return out
"""


def test_what_takes_long_before_a_loop_is_not_run_for_times_of_the_loop() -> None:
    text = HEAD + SLOW.strip("\n") + "\n"
    first = text[: text.index("    for value in near")].count("\n") + 1
    lines = first, first + 1
    found = judge(Trial("same", text, text, lines, lines), timing=True)["same"]
    assert str(found.verdict) == "verified", found.reason
    assert [n for n, _ in found.speedups] == [50, 1000]
