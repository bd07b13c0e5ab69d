"""What a body does, as guarded effects over expressions; what is carried and read later; helpers executed in place."""

from __future__ import annotations

import ast

import pytest
from loops_help import effects, lifted, refusal, show, site_of

from deloop.loops.ir import Add, Append, Extend, Loop, Named, Op, Raw, Read, StoreCell, StoreItem, strip
from deloop.loops.lift import lift
from deloop.loops.remarks import Reason


def loop(body: str, header: str = "for v in xs:", start: str = "pass", after: str = "pass", top: str = "") -> str:
    """A function with this loop; lines of the body, of what comes before and after it."""

    def indented(text: str, by: int) -> str:
        return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())

    head = f"{top}\ndef f(xs, ys, k, out, more, df: pd.DataFrame):\n{indented(start, 4)}    {header}\n"
    return head + indented(body, 8) + indented(after, 4)


# ---------------------------------------------------------------- effects


@pytest.mark.parametrize(
    ("body", "kind", "shown"),
    [
        ("out.append(v + 1)", Append, "out.append (+ xs@ 1)"),
        ("out.add(v)", Add, "out.add xs@"),
        ("out.extend(ys)", Extend, "out.extend ys"),
        ("k.rows.append(v)", Append, "k.rows.append xs@"),
        ("out[v] = 1", StoreItem, "out.storeitem[xs@] 1"),
        ("out[v] += 1", StoreItem, "out.storeitem[xs@] 1"),
        ("out[v, 0] = k", StoreItem, "out.storeitem[(tuple xs@ 0)] k"),
        ("df.at[v, 'c'] = 1", StoreCell, "df.storecell[xs@]['c'] 1"),
        ("df.iloc[v, 2] = 1", StoreCell, "df.storecell[xs@][2] 1"),
        ("df.loc[v] = 1", StoreCell, "df.storecell[xs@] 1"),
    ],
)
def test_effects(body: str, kind: type, shown: str) -> None:
    (effect,) = lifted(loop(body)).effects
    assert type(effect) is kind
    assert effects(lifted(loop(body))) == [shown]


def test_the_operator_of_an_augmented_store() -> None:
    (effect,) = lifted(loop("out[v] *= 2")).effects
    assert isinstance(effect, StoreItem) and effect.augmented == "*"


def test_effects_keep_their_order_and_lines() -> None:
    found = lifted(loop("out.append(v)\nmore.append(1)\nout.append(2)"))
    assert effects(found) == ["out.append xs@", "more.append 1", "out.append 2"]
    assert [e.line for e in found.effects] == sorted(e.line for e in found.effects)


# ---------------------------------------------------------------- guards


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if v > 0:\n    out.append(v)", ["out.append xs@ if (> xs@ 0)"]),
        ("if v > 0:\n    pass\nelse:\n    out.append(v)", ["out.append xs@ if (not (> xs@ 0))"]),
        ("if v > 0:\n    out.append(1)\nelse:\n    out.append(2)", ["out.append (if (> xs@ 0) 1 2)"]),
        ("if v > 0:\n    out.append(1)\nelse:\n    out.append(1)", ["out.append 1"]),
        (
            "if v > 0:\n    out.append(1)\nelif v < 0:\n    out.append(2)\nelse:\n    out.append(3)",
            ["out.append (if (> xs@ 0) 1 (if (< xs@ 0) 2 3))"],
        ),
        (
            "if v > 0:\n    out.append(1)\nelif v < 0:\n    out.append(2)",
            ["out.append 1 if (> xs@ 0)", "out.append 2 if (and (not (> xs@ 0)) (< xs@ 0))"],
        ),
        (
            "if v > 0:\n    out.append(1)\nelse:\n    more.append(2)",
            ["out.append 1 if (> xs@ 0)", "more.append 2 if (not (> xs@ 0))"],
        ),
        (
            "if v > 0:\n    out.append(1)\n    out.append(2)\nelse:\n    out.append(3)\n    out.append(4)",
            ["out.append (if (> xs@ 0) 1 3)", "out.append (if (> xs@ 0) 2 4)"],
        ),
        ("if v > 0:\n    continue\nout.append(v)", ["out.append xs@ if (not (> xs@ 0))"]),
        ("if v > 0:\n    out.append(1)\n    continue\nout.append(2)", ["out.append (if (> xs@ 0) 1 2)"]),
        ("if v > 0:\n    if k:\n        continue\n    out.append(1)", ["out.append 1 if (and (> xs@ 0) (not k))"]),
        ("if v > 0:\n    if k:\n        out.append(1)", ["out.append 1 if (and (> xs@ 0) k)"]),
        ("out.append(1)\ncontinue\nout.append(2)", ["out.append 1"]),
        ("if v > 0:\n    out[v] = 1\nelse:\n    out[v] = 2", ["out.storeitem[xs@] (if (> xs@ 0) 1 2)"]),
        (
            "if v > 0:\n    out[v] = 1\nelse:\n    out[k] = 2",
            ["out.storeitem[xs@] 1 if (> xs@ 0)", "out.storeitem[k] 2 if (not (> xs@ 0))"],
        ),
    ],
)
def test_guards(body: str, expected: list[str]) -> None:
    assert effects(lifted(loop(body))) == expected


# ---------------------------------------------------------------- temporaries


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("t = v * 2\nout.append(t + 1)", "(+ (* xs@ 2) 1)"),
        ("t = v\nt += 1\nout.append(t)", "(+ xs@ 1)"),
        ("t, u = v, 1\nt, u = u, t\nout.append((t, u))", "(tuple 1 xs@)"),
        ("t, u = v\nout.append(u)", "(unpacked xs@)"),
        ("t = u = v\nout.append(t + u)", "(+ xs@ xs@)"),
        ("t: int = v\nout.append(t)", "xs@"),
        ("if v > 0:\n    t = 1\nelse:\n    t = 2\nout.append(t)", "(if (> xs@ 0) 1 2)"),
        ("t = 1 if v > 0 else 2\nout.append(t)", "(if (> xs@ 0) 1 2)"),
        ("if v > 0:\n    t, u = 1, 2\nelse:\n    t, u = 3, 4\nout.append(u)", "(if (> xs@ 0) 2 4)"),
        ("out.append(0 < v <= 9)", "(and (< 0 xs@) (<= xs@ 9))"),
        ("out.append(v or k)", "(or xs@ k)"),
        ("out.append(-v)", "(neg xs@)"),
        ("out.append(v.real)", "(attr:real xs@)"),
        ("out.append(math.sqrt(v))", "(call:math.sqrt xs@)"),
        ("out.append(v.strip(k))", "(method:strip xs@ k)"),
        ("out.append(ys[v])", "(item ys xs@)"),
        ("out.append({k: v})", "(dict k xs@)"),
        ("out.append(math.sqrt(k) + 1)", "math.sqrt(k) + 1"),
    ],
)
def test_values(body: str, expected: str) -> None:
    (effect,) = lifted(loop(body)).effects
    assert show(effect.value) == expected


def test_a_temporary_keeps_its_name() -> None:
    (effect,) = lifted(loop("total = v * 2\nout.append(total)")).effects
    assert isinstance(effect.value, Named) and effect.value.name == "total"


def test_positions_are_shifted_by_constants_only() -> None:
    found = lifted(loop("out.append((ys[i - 1], ys[1 + i], ys[i + k], i - 1))", "for i in range(1, len(ys)):"))
    assert show(found.effects[0].value) == "(tuple ys@-1 ys@+1 (item ys (+ @ k)) @-1)"


def test_syntax_that_is_carried_along() -> None:
    (effect,) = lifted(loop("out.append(f'{v:>{k}} {v + 1}')")).effects
    assert isinstance(effect.value, Raw) and not effect.value.opaque
    assert [name for name, _ in effect.value.holes] == ["v"]


def test_unknown_calls_are_opaque() -> None:
    found = lifted(loop("out.append(k(v))"))
    assert isinstance(found.effects[0].value, Raw) and found.opaque == (found.effects[0].line,)
    assert lifted(loop("out.append(abs(v))")).opaque == ()


def test_temporaries_that_double_on_every_line_are_refused() -> None:
    assert "too many steps" in refusal(loop("t = v\n" + "t = t + t\n" * 40 + "out.append(t)")).message
    assert lifted(loop("t = v\n" + "t = t + 1\n" * 40 + "out.append(t)")).effects


# ---------------------------------------------------------------- carried and read later


def test_what_is_carried() -> None:
    found = lifted(loop("t = t + v\nout.append(t)", start="t = 0"))
    assert {name: show(e) for name, e in found.carried.items()} == {"t": "(+ carried:t xs@)"}


def test_carried_from_the_round_before() -> None:
    found = lifted(loop("out.append(v - last)\nlast = v", start="last = 0"))
    assert effects(found) == ["out.append (- xs@ carried:last)"]
    assert show(found.finals["last"]) == "xs@"
    assert found.carried == {}


def test_a_name_bound_on_one_path_is_carried_on_the_other() -> None:
    found = lifted(loop("if v > 0:\n    t = v\nout.append(t)", start="t = 0"))
    assert {name: show(e) for name, e in found.carried.items()} == {"t": "(if (> xs@ 0) xs@ carried:t)"}


def test_a_carried_name_that_nobody_needs() -> None:
    assert lifted(loop("t = t + v\nout.append(v)", start="t = 0")).carried == {}
    assert set(lifted(loop("t = t + v\nout.append(v)", start="t = 0", after="return t")).carried) == {"t"}


def test_names_read_after_the_loop() -> None:
    found = lifted(loop("t = v * 2\nu = 1\nout.append(t)", after="print(v)\nprint(t)"))
    assert set(found.live_out) == {"v", "t"}
    assert found.live_out["t"] == found.live_out["v"] + 1
    assert show(found.finals["t"]) == "(* xs@ 2)"


# ---------------------------------------------------------------- helpers

GRADE = """
def grade(x, limit=2):
    '''A grade.'''
    if x > limit:
        return 1
    elif x == 0:
        return 7
    y = x * 2
    return y
"""


@pytest.mark.parametrize(
    ("top", "value", "expected"),
    [
        ("def h(x):\n    return x + 1\n", "h(v)", "(+ xs@ 1)"),
        (GRADE, "grade(v)", "(if (> xs@ 2) 1 (if (== xs@ 0) 7 (* xs@ 2)))"),
        (GRADE, "grade(limit=k, x=v)", "(if (> xs@ k) 1 (if (== xs@ 0) 7 (* xs@ 2)))"),
        ("def h(x, *, by=3):\n    return x * by\n", "h(v)", "(* xs@ 3)"),
        ("def h(x):\n    if x:\n        return 1\n", "h(v)", "(if xs@ 1 None)"),
        ("def h(x):\n    return\n", "h(v)", "None"),
        ("def g(x):\n    return x + 1\ndef h(x):\n    return g(x) * 2\n", "h(v)", "(* (+ xs@ 1) 2)"),
        ("class H:\n    @staticmethod\n    def h(x):\n        return x + 1\n", "H.h(v)", "(+ xs@ 1)"),
    ],
)
def test_helpers_are_executed_in_place(top: str, value: str, expected: str) -> None:
    found = lifted(loop(f"out.append({value})", top=top))
    assert show(found.effects[0].value) == expected
    assert found.opaque == ()


def test_a_tuple_of_a_helper_is_unpacked() -> None:
    top = "def h(x):\n    if x < 1:\n        return 0.5, 0.0\n    return x, x + 1\n"
    found = lifted(loop("a, b = h(v)\nout.append(b)", top=top))
    assert show(found.effects[0].value) == "(if (< xs@ 1) 0.0 (+ xs@ 1))"


def test_methods_that_leave_self_alone() -> None:
    code = """
class A:
    def h(self, x):
        return x + 1
    def f(self, xs, out):
        for v in xs:
            out.append(self.h(v))
"""
    assert effects(lifted(code)) == ["out.append (+ xs@ 1)"]
    assert lifted(code + "class B(A): ...\n").opaque, "a subclass may override it"
    assert lifted(code.replace("x + 1", "self.g(x)")).opaque, "nobody knows what it does"


def test_methods_that_read_attributes_of_self() -> None:
    code = """
class A:
    def h(self, x):
        return x + self.k
    def f(self, xs, out):
        for v in xs:
            out.append(self.h(v))
"""
    assert effects(lifted(code)) == ["out.append (+ xs@ self.k)"]
    assert lifted(code.replace("return x + self.k", "self.k += 1; return x")).opaque
    assert lifted(code.replace("x + self.k", "x + len(self)")).opaque


@pytest.mark.parametrize(
    "top",
    [
        "def h(x):\n    print(x)\n    return x\n",
        "def h(x):\n    seen.append(x)\n    return x\n",
        "def h(x):\n    global n\n    n = x\n    return x\n",
        "def h(x):\n    yield x\n",
        "async def h(x):\n    return x\n",
        "def h(*x):\n    return x\n",
        "def h(x, y):\n    return x\n",
        "def h(x, y=[]):\n    return x\n",
        "def h(x):\n    for y in x:\n        return y\n",
        "def h(x):\n    while x:\n        x -= 1\n    return x\n",
        "def h(x):\n    try:\n        return x\n    except E:\n        return 0\n",
        "def h(x):\n    if x:\n        y = 1\n    return y\n",
        "@cache\ndef h(x):\n    return x\n",
        "def h(x):\n    return x\nh = other\n",
        "def h(x):\n    return x\nfrom elsewhere import *\n",
        "def h(x):\n" + "    x += 1\n" * 40 + "    return x\n",
        "from project import h\n",
    ],
)
def test_other_helpers_stay_calls(top: str) -> None:
    found = lifted(loop("out.append(h(v))", top=top), -1)
    assert isinstance(found.effects[0].value, Raw) and found.opaque


def test_a_helper_below_a_star_import_is_the_one_of_the_file() -> None:
    found = lifted(loop("out.append(h(v))", top="from elsewhere import *\ndef h(x):\n    return -x\n"))
    assert not found.opaque


def test_a_recursive_helper_ends_in_a_call() -> None:
    found = lifted(loop("out.append(h(v))", top="def h(x):\n    return h(x - 1) if x else 0\n"))
    assert any(isinstance(x, Raw) and x.opaque for x in found.effects[0].value.walk()) and found.opaque


def test_a_helper_that_sees_what_the_loop_changes_stays_a_call() -> None:
    seen = """
def is_new(x):
    return x not in seen
def f(xs):
    for x in xs:
        if is_new(x):
            seen.append(x)
"""
    scaled = """
def h(x):
    return x * scale
for x in xs:
    scale = x
    out.append(h(x))
"""
    assert lifted("seen = []\n" + seen).opaque
    assert lifted("scale = 1\n" + scaled).opaque


@pytest.mark.parametrize(("parameter", "line"), [("scale", "pass"), ("k", "scale = x")])
def test_a_helper_whose_names_are_others_where_it_is_called_stays_a_call(parameter: str, line: str) -> None:
    code = f"""
scale = 1
def h(x):
    return x * scale
def f(xs, {parameter}, out):
    for x in xs:
        {line}
        out.append(h(x))
"""
    assert lifted(code).opaque


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("break", Reason.EARLY_EXIT),
        ("if v:\n    return v", Reason.EARLY_EXIT),
        ("try:\n    out.append(v)\nexcept E: pass", Reason.EXCEPTION_HANDLING),
        ("assert v", Reason.EXCEPTION_HANDLING),
        ("raise v", Reason.EXCEPTION_HANDLING),
        ("for w in v: out.append(w)", Reason.UNSUPPORTED_SYNTAX),
        ("while v: out.append(v)", Reason.UNSUPPORTED_SYNTAX),
        ("with v: out.append(v)", Reason.SIDE_EFFECT),
        ("print(v)", Reason.SIDE_EFFECT),
        ("k.plot(v)", Reason.SIDE_EFFECT),
        ("k.attribute = v", Reason.SIDE_EFFECT),
        ("k.attribute += v", Reason.SIDE_EFFECT),
        ("k(v)", Reason.UNKNOWN_CALL),
        ("t = []\nt.append(v)", Reason.UNKNOWN_CALL),
        ("out.append(v, 1)", Reason.UNSUPPORTED_SYNTAX),
        ("out.append(*v)", Reason.UNSUPPORTED_SYNTAX),
        ("out.append((t := v))", Reason.UNSUPPORTED_SYNTAX),
        ("t, *u = v", Reason.UNSUPPORTED_SYNTAX),
        ("(t, u), w = v", Reason.UNSUPPORTED_SYNTAX),
        ("import math", Reason.UNSUPPORTED_SYNTAX),
        ("del v", Reason.SCOPE),
        ("def g(): pass", Reason.SCOPE),
        ("out.append(lambda: v)", Reason.SCOPE),
        ("out.append((yield v))", Reason.SCOPE),
        ("out.append(locals())", Reason.SCOPE),
        ("out.append(next(k))", Reason.MUTATES_INPUT),
        ("out.append(len(out))", Reason.READS_OWN_OUTPUT),
        ("out.append(out[0])", Reason.READS_OWN_OUTPUT),
        ("out.append(k.pop())", Reason.READS_OWN_OUTPUT),
        ("df['c'][v] = 1", Reason.CHAINED_ASSIGNMENT),
        ("df['c'].iloc[v] = 1", Reason.CHAINED_ASSIGNMENT),
        ("df.c[v] = 1", Reason.CHAINED_ASSIGNMENT),
        ("df.at[v, 'c'] += 1", Reason.UNSUPPORTED_SYNTAX),
        ("t = k\nt[v] = 1", Reason.SIDE_EFFECT),
    ],
)
def test_refusals(body: str, reason: Reason) -> None:
    assert refusal(loop(body)).reason is reason


def test_a_refusal_names_the_line() -> None:
    found = refusal(loop("out.append(v)\nprint(v)"))
    assert found.line == 11
    assert "`print`" in found.message and found.advice


def test_a_loop_with_an_else_branch() -> None:
    assert (
        refusal("def f(xs, out):\n    for v in xs:\n        out.append(v)\n    else:\n        out.append(0)\n").reason
        is Reason.EARLY_EXIT
    )


def test_bodies_with_too_many_paths() -> None:
    assert refusal(loop("if v:\n    continue\n" * 9 * 30)).reason is Reason.UNSUPPORTED_SYNTAX


def test_arguments_stand_for_parameters_in_unknown_calls() -> None:
    helper = "def grade(v, limit):\n    return v + ys_of(limit)"
    (effect,) = lifted(loop("out.append(grade(v, k))", top=helper)).effects
    assert show(effect.value) == "(+ xs@ raw<ys_of(limit)>[limit=k])"


def test_a_list_that_grows_by_augmented_assignment() -> None:
    code = "def f(xs):\n    out = []\n    for v in xs:\n        if v:\n            out += [v + 1]\n"
    assert effects(lifted(code)) == ["out.append (+ xs@ 1) if xs@"]


@pytest.mark.parametrize("body", ["out += [v, v]", "out += [*v]", "out += [len(out)]", "out -= [v]", "n += [v]"])
def test_other_augmented_assignments_are_no_appends(body: str) -> None:
    found = lift(site_of(f"def f(xs, n):\n    out = []\n    for v in xs:\n        {body}\n    return out\n"))
    assert not isinstance(found, Loop) or not found.effects


def test_what_is_read_by_position_from_a_series_or_a_frame_is_carried_along() -> None:
    loop = lifted("def f(x, out):\n    for i in range(9):\n        out.append(x.iloc[i] + 1)")
    value = strip(loop.effects[0].value)
    assert isinstance(value, Op) and isinstance(value.args[0], Raw) and value.args[0].code == "x.iloc[i]"


def test_a_read_by_label_knows_how_it_is_written() -> None:
    loop = lifted("def f(df: pd.DataFrame, out):\n    for i in range(len(df)):\n        out.append(df.loc[i, 'a'])")
    value = strip(loop.effects[0].value)
    assert isinstance(value, Read) and value.node is not None and ast.unparse(value.node) == "df.loc[i, 'a']"


@pytest.mark.parametrize(
    ("body", "message", "advice"),
    [
        ("for j in range(3):\n    out.append(j)", "a loop of its own", "inner loop"),
        ("(a, b), c = name(v)\nout.append(a)", "unknown length", "one by one"),
        ("sink.push(v)\nout.append(1)", "`sink.push`", "collect the values"),
    ],
)
def test_the_advice_is_about_what_stands_there(body: str, message: str, advice: str) -> None:
    found = refusal(loop(body))
    assert message in found.message
    assert advice in found.advice


def test_an_unknown_call_is_named() -> None:
    found = lifted(loop("out.append(model.score(v))"))
    assert (len(found.opaque), found.called) == (1, "model.score")
