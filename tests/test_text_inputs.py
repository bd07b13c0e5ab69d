"""Texts that a loop takes apart, compares pieces of and reads numbers from; and cells that hold many numbers."""

from __future__ import annotations

import pytest
from conftest import share
from equivalence_help import HEAD, body, judge, told_apart

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
    "edges of which there is one more than of what lies between them": (
        "edges: np.ndarray, counts: np.ndarray",
        """
        out = []
        for i in range(len(counts)):
            out.append(counts[i] / (edges[i] + edges[i + 1]))
        """,
        ("edges[i + 1]", "edges[i]"),
    ),
    "a table that is read by the positions of its columns": (
        "df: pd.DataFrame",
        """
        print(df.describe())
        related = df.corr()
        out = []
        for i in range(4):
            for j in range(i + 1, 4):
                if related.iloc[i, j] < 0.2:
                    out.append((i, j))
        """,
        ("< 0.2", "< 0.1"),
    ),
    "a matrix that turns a vector which is written out": (
        "turn, r, most=20.0",
        """
        out = []
        for k in range(4):
            d = np.sum(np.matmul(turn, r + np.array([k, 1, 2])))
            if d < most:
                out.append(d)
        """,
        ("[k, 1, 2]", "[1, k, 2]"),
    ),
    "an array of texts in rows": (
        "pairs: np.ndarray",
        """
        out = np.empty(pairs.shape[0])
        for i in range(pairs.shape[0]):
            first = set(pairs[i, 0].split(" "))
            out[i] = len(first & set(pairs[i, 1].split(" "))) / (len(first) + 1)
        """,
        ("+ 1)", "+ 2)"),
    ),
    "numbers that are compared with positions": (
        "df: pd.DataFrame",
        """
        out = []
        for k in range(40, 44):
            if df["class"].iloc[k - 40] == k + 1:
                out.append(k)
        """,
        ("out.append(k)", "out.append(40)"),
    ),
    "columns that are dropped by name, in a list": (
        "df: pd.DataFrame",
        """
        names = {"drop": ["name", "ticket"]}
        df = df.drop(names["drop"], axis=1)
        out = []
        for x in df["fare"]:
            out.append(x * 2)
        """,
        ("x * 2", "x * 3"),
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
    told_apart(body(signature, code, "found" if "found" in signature else "out"), change)


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
