"""Run examples of retired API and describe what they give: `python runner.py < cases.json > results.json`.

Plain Python 3.6 and no import of deloop, so that pandas releases run it that still have the old forms. With `--model`
pandas gets the old forms back as `model.py` states them.
"""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

SETUP = """
import numpy as np
import pandas as pd
with open("table.csv", "w") as file:
    file.write("name,points,bid,price,total,when,height,weight,age,close\\n")
    for i, name in enumerate(["cee", "a", "bb", "a"]):
        bid = "" if i == 2 else i + 0.5
        file.write("%s,%d,%s,%d,0,2020-01-0%d,%d,%d,%d,%d\\n" % (name, i % 3, bid, i * 10, i + 1, i, i + 1, i + 2, i * i))
with open("names.csv", "w") as file:
    file.write("name\\nann\\nbob\\n")
with open("bad.csv", "w") as file:
    file.write("a;when\\n1;2020-01-01\\n1;2;3;4\\n2;2020-01-02\\n")
with open("bad.txt", "w") as file:
    file.write("a\\tb\\n1\\t2\\n1\\t2\\t3\\n")
table = pd.read_csv("table.csv")
series = pd.Series([3.0, 1.0, np.nan, 2.0], index=["x", "y", "z", "w"], name="s")
days = pd.DataFrame({"n": range(6), "when": pd.date_range("2020-01-28", periods=6)}, index=pd.date_range("2020-01-28", periods=6))
"""  # noqa: E501


def described(value):
    """A result as text that all releases of pandas agree on: names of types and units of dates left out."""
    if isinstance(value, pd.DataFrame):
        columns = [[described(name), described(value[name])] for name in value.columns]
        return ["frame", columns, [described(label) for label in value.index]]
    if isinstance(value, pd.Series):
        return ["series", described(value.name), [described(label) for label in value.index], _values(value)]
    if isinstance(value, np.ndarray):
        return ["array", list(value.shape), _values(value.ravel())]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [described(one) for one in value]]
    if isinstance(value, dict):
        return ["dict", [[described(key), described(one)] for key, one in value.items()]]
    return _scalar(value)


def _values(values):
    kind = getattr(values.dtype, "kind", "O")
    if kind == "M":  # the unit differs
        return [kind, [str(one)[:10] for one in pd.Series(np.asarray(values))]]
    return [kind if kind in "iufbc" else "O", [_scalar(one) for one in np.asarray(values).tolist()]]


def _scalar(value):
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "missing"
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return ["int", int(value)]
    if isinstance(value, (float, np.floating)):
        return ["float", round(float(value), 9)]
    return str(value)[:10] if hasattr(value, "isoformat") else str(value)


def run(code, calls):
    """What each call gives, or how it ends."""
    namespace = {}
    exec(SETUP, namespace)
    exec(code, namespace)
    out = []
    for call in calls:
        try:
            out.append(described(eval(call, namespace)))
        except Exception as problem:
            out.append(type(problem).__name__ + ": " + str(problem))
    return out


def main():
    if "--model" in sys.argv:
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import model

        model.install()
    cases = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # pandas tells of bad lines there
    results = {key: run(code, calls) for key, (code, calls) in cases.items()}
    json.dump({"pandas": pd.__version__, "numpy": np.__version__, "results": results}, sys.stdout)


main()
