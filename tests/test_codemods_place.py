"""Placing: the new statements stand where the old ones stood, no comment is lost, and nothing else has moved."""

from __future__ import annotations

import ast
import io
import textwrap
import time
import tokenize
from collections import Counter

import pytest

from deloop.codemods.place import Placed, PlacementError, place
from deloop.transforms.base import InsertBefore, Replace, Substitute


class File:
    """A text, its tree, and short names for its nodes."""

    def __init__(self, text: str) -> None:
        self.text = textwrap.dedent(text).lstrip("\n")
        self.tree = ast.parse(self.text)

    def stmt(self, start: str) -> ast.stmt:
        """The first statement whose source starts so."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and ast.get_source_segment(self.text, node).startswith(start):
                return node
        raise LookupError(start)

    def expr(self, source: str, nth: int = 0) -> ast.expr:
        """The nth expression, in the order of the text, that says this."""
        dump = ast.dump(ast.parse(source, mode="eval").body).replace("Store()", "Load()")
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.expr)]
        found = [n for n in found if ast.dump(n).replace("Store()", "Load()") == dump]
        return sorted(found, key=lambda n: (n.lineno, n.col_offset))[nth]

    def place(self, *edits, imports=(), width=None) -> Placed:
        placed = place(self.text, self.tree, edits, imports, width=width)
        check(self.text, placed)
        return placed


def check(old: str, placed: Placed) -> None:
    """What holds for every placement."""
    ast.parse(placed.text)
    comments = [
        Counter(t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT)
        for text in (old, placed.text)
    ]
    assert comments[0] == comments[1]
    new, at, shift = old, 0, 0
    for start, end, text in placed.text_edits:
        assert start >= at and end >= start
        new = new[: start + shift] + text + new[end + shift :]
        at, shift = end, shift + len(text) - (end - start)
    assert new == placed.text
    assert "\n\n\n\n" not in placed.text or "\n\n\n\n" in old


def lines(placed: Placed) -> str:
    """The touched statements in the new text."""
    first, last = placed.after_lines
    return "\n".join(placed.text.split("\n")[first - 1 : last])


def code(source: str) -> tuple[ast.stmt, ...]:
    """New statements, as a transform builds them: without places."""
    tree = ast.parse(textwrap.dedent(source))
    for node in ast.walk(tree):
        for name in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            if hasattr(node, name):
                delattr(node, name)
    return tuple(tree.body)


def expr(source: str) -> ast.expr:
    (stmt,) = code(source)
    assert isinstance(stmt, ast.Expr)
    return stmt.value


def standing_for(new: tuple[ast.stmt, ...], *lines: int) -> tuple[ast.stmt, ...]:
    for stmt, line in zip(new, lines, strict=True):
        if line:
            stmt.lineno = line
    return new


RULES = '''
    """Fees."""
    import re


    def late_fees(loans):
        fees = []  # rule 1: one line per loan
        for days, kind in loans:
            # rule 2: films cost three times as much
            rate = 0.6 if kind == "film" else 0.2
            fees.append(  # rule 3: never more than ten
                min(rate * days, 10.0)
                # rule 4: nobody is paid for being early
            )
            # rule 5: ask the head librarian
        return fees
'''


def test_comments_of_a_loop_stand_above_its_replacement_in_order():
    file = File(RULES)
    new = code("fees = [min((0.6 if kind == 'film' else 0.2) * days, 10.0) for days, kind in loans]")
    placed = file.place(Replace(file.stmt("fees = []"), ()), Replace(file.stmt("for"), new))
    assert placed.text == file.text[: file.text.index("    fees = []")] + textwrap.indent(
        textwrap.dedent("""\
        # rule 1: one line per loan
        # rule 2: films cost three times as much
        # rule 3: never more than ten
        # rule 4: nobody is paid for being early
        # rule 5: ask the head librarian
        fees = [min((0.6 if kind == "film" else 0.2) * days, 10.0) for days, kind in loans]
        return fees
        """),
        "    ",
    )
    assert placed.before_lines == (6, 13)
    assert placed.after_lines == (11, 11)


def test_comments_go_to_the_statements_that_stand_for_theirs():
    file = File("""
        def flow(bars):
            out = []
            # each bar
            for i in range(len(bars)):  # in order
                # the spread
                spread = bars["high"].iloc[i] - bars["low"].iloc[i]  # never negative

                # half of it
                out.append(spread / 2)  # kept
            return out
        """)
    new = standing_for(code('spread = bars["high"].values - bars["low"].values\nout = list(spread / 2)'), 6, 9)
    placed = file.place(Replace(file.stmt("out = []"), ()), Replace(file.stmt("for"), new))
    assert placed.text == textwrap.dedent("""\
        def flow(bars):
            # each bar
            # in order
            # the spread
            spread = bars["high"].values - bars["low"].values  # never negative
            # half of it
            out = list(spread / 2)  # kept
            return out
        """)


def test_a_trailing_comment_that_does_not_fit_goes_above():
    file = File("""
        def f(x):
            y = x  # a remark that is quite long and would not fit behind the longer statement, would it
            return y
        """)
    new = standing_for(code("y = np.asarray(x, dtype=float)[:, np.newaxis]"), 2)
    placed = file.place(Replace(file.stmt("y = x"), new))
    assert lines(placed) == "    y = np.asarray(x, dtype=float)[:, np.newaxis]"
    assert "    # a remark that is quite long" in placed.text


def test_a_deleted_initialiser_gives_its_comment_to_the_statement_of_its_name():
    file = File("""
        def f(bars):
            bought = []  # buyers
            # sellers
            sold = []
            for b in bars:
                bought.append(b.x)
                sold.append(b.y)
            bought = np.array(bought)  # as an array
            return bought, sold
        """)
    new = code("bought = bars.x.values\nsold = bars.y.values")
    edits = [Replace(file.stmt(s), ()) for s in ("bought = []", "sold = []", "bought = np")]
    placed = file.place(*edits, Replace(file.stmt("for"), new))
    assert placed.text == textwrap.dedent("""\
        def f(bars):
            # buyers
            # as an array
            bought = bars.x.values
            # sellers
            sold = bars.y.values
            return bought, sold
        """)


def test_blank_lines_are_neither_doubled_nor_lost():
    file = File("""
        def f(bars):
            n = len(bars)

            out = []

            for b in bars:
                out.append(b)

            out = np.array(out)

            return out
        """)
    gone = [Replace(file.stmt(start), ()) for start in ("out = []", "out = np")]
    placed = file.place(*gone, Replace(file.stmt("for"), code("out = g(bars)")))
    assert placed.text == "def f(bars):\n    n = len(bars)\n\n    out = g(bars)\n\n    return out\n"
    assert lines(placed) == "    out = g(bars)"


def test_a_paragraph_break_that_a_deleted_statement_had_survives():
    file = File("def f(b):\n    n = 1\n\n    out = []\n    for x in b:\n        out.append(x)\n    return out\n")
    placed = file.place(Replace(file.stmt("out = []"), ()), Replace(file.stmt("for"), code("out = list(b)")))
    assert placed.text == "def f(b):\n    n = 1\n\n    out = list(b)\n    return out\n"


def test_a_comment_set_apart_by_a_blank_line_stays_where_it_is():
    file = File("""
        def f(b):
            # Fees, in two steps.

            # the list
            out = []
            # between

            total = 0
            for x in b:
                out.append(x)
            return out, total
        """)
    placed = file.place(Replace(file.stmt("out = []"), ()), Replace(file.stmt("for"), code("out = list(b)")))
    assert placed.text == textwrap.dedent("""\
        def f(b):
            # Fees, in two steps.

            # between

            total = 0
            # the list
            out = list(b)
            return out, total
        """)


def test_only_deletions_leave_their_comments_to_the_next_statement():
    file = File("def f(b):\n    b = g(b)\n    # as array\n    b = np.array(b)\n\n    return b\n")
    placed = file.place(Replace(file.stmt("b = np"), ()))
    assert placed.text == "def f(b):\n    b = g(b)\n    # as array\n\n    return b\n"
    assert placed.before_lines == (4, 6)
    assert placed.after_lines == (5, 5)


def test_insertions_stand_above_the_comments_of_their_anchor():
    file = File("""
        def f(bars):
            total = 0.0

            # walk the bars
            for i in range(len(bars)):  # in order
                total += bars["close"].iloc[i] * 1.5  # money
                print( total )
            return total
        """)
    placed = file.place(
        InsertBefore(file.stmt("for"), code('close = bars["close"].values')),
        Substitute(file.expr('bars["close"].iloc[i]'), expr("close[i]")),
        imports=["import numpy as np"],
    )
    assert placed.text == textwrap.dedent("""\
        import numpy as np


        def f(bars):
            total = 0.0

            close = bars["close"].values
            # walk the bars
            for i in range(len(bars)):  # in order
                total += close[i] * 1.5  # money
                print( total )
            return total
        """)
    assert placed.before_lines == (5, 7)
    assert lines(placed).startswith("    close = ") and lines(placed).endswith("print( total )")


def test_original_statements_are_kept_verbatim_in_a_new_loop():
    file = File("""
        def f(df):
            for _, row in df.iterrows():  # each row
                # the label
                print( row["a"],
                       'x' )   # as it is

                if row["b"]:
                    pass  # nothing
                # the end
            return 1
        """)
    loop = file.stmt("for")
    (header,) = standing_for(code("for a, b in zip(df['a'], df['b']):\n    pass"), 2)
    header.body = list(loop.body)
    placed = file.place(
        Replace(loop, (header,)),
        Substitute(file.expr('row["a"]'), expr("a")),
        Substitute(file.expr('row["b"]'), expr("b")),
    )
    assert placed.text == textwrap.dedent("""\
        def f(df):
            for a, b in zip(df["a"], df["b"]):  # each row
                # the label
                print( a,
                       'x' )   # as it is

                # the end
                if b:
                    pass  # nothing
            return 1
        """)


def test_original_statements_move_out_of_a_loop_with_their_indentation():
    file = File('''
        class A:
            def f(self, df):
                if df:
                    for row in df:
                        g(
                            row,  # one
                            """two
                  three""",
                        )
                        h(row)
                return 1
        ''')
    loop = file.stmt("for")
    placed = file.place(Replace(loop, (*code("row = df[-1]"), loop.body[0])))
    assert placed.text == textwrap.dedent('''\
        class A:
            def f(self, df):
                if df:
                    row = df[-1]
                    g(
                        row,  # one
                        """two
                  three""",
                    )
                return 1
        ''')


@pytest.mark.parametrize(
    ("source", "old", "new", "result"),
    [
        ("x = a * b", "b", "c + d", "x = a * (c + d)"),
        ("x = (a + b) * c", "a + b", "s", "x = s * c"),
        ("x = (a + b) * c", "a + b", "s - t", "x = (s - t) * c"),
        ("x = (a) + c", "a", "b", "x = (b) + c"),
        ("x = sum(a for a in b)", "(a for a in b)", "s", "x = sum(s)"),
        ("x = sum((a for a in b), 1)", "(a for a in b)", "s", "x = sum(s, 1)"),
        ("for x in(1, 2): pass", "(1, 2)", "y", "for x in y: pass"),
        ("x = a[i] ; y = a[j]", "a[i]", "b", "x = b ; y = a[j]"),
        ("if a[i]: y = a[j]", "a[j]", "b", "if a[i]: y = b"),
        ("x = a if b[i] else c", "b[i]", "p or q", "x = a if p or q else c"),
        ("x = f'{a[0]:>5} ä {b[i]}'", "b[i]", "b['k']", None),
        ("x = f'{a[0]:>5} ä {b[i]}'", "b[i]", "c", "x = f'{a[0]:>5} ä {c}'"),
        ("x = 'ä', b[i]", "b[i]", "c", "x = 'ä', c"),
        ("x.y[i] = 1", "x.y[i]", "z[i]", "z[i] = 1"),
        ("@d(a[0])\ndef f(): pass", "a[0]", "b", "@d(b)\ndef f(): pass"),
        ("x = f'{a[0].b}'", "a[0]", "c + d", "x = f'{(c + d).b}'"),
        ("x.append((a, b))", "(a, b)", "c[i]", "x.append(c[i])"),
        ("x.append(((a) * b, (c)))", "((a) * b, (c))", "d", "x.append(d)"),
        ("x = ((a) + (b)) * c", "a + b", "d", "x = d * c"),
        ("with f(a): pass", "f(a)", "(b, c)", "with ((b, c)): pass"),
        ("x = -a ** b", "a", "-c", "x = -(-c) ** b"),
        ("x = a.b", "a", "1", "x = (1).b"),
        ("return_ = [*a]", "a", "b or c", "return_ = [*(b or c)]"),
        ("x = lambda: a", "a", "(b, c)", "x = lambda: (b, c)"),
    ],
)
def test_expressions_take_the_place_of_others(source, old, new, result):
    file = File(source + "\n")
    edit = Substitute(file.expr(old), expr(new))
    if result is None:
        result = "x = f'{a[0]:>5} ä {b[\"k\"]}'"
    assert file.place(edit).text == result + "\n"


def test_a_comment_inside_an_expression_that_goes_is_kept_above():
    file = File("x = 1\nprint(f(\n    a,  # first\n    b,\n), 2)  # out\n")
    assert file.place(Substitute(file.expr("f(a, b)"), expr("g"))).text == "x = 1\n# first\nprint(g, 2)  # out\n"


def test_tabs_and_own_indentation_are_used():
    file = File("def f(x):\n\tout = []\n\tfor a in x:\n\t\tout.append(a)\n\treturn out\n")
    new = code("for a in x:\n    if a:\n        g(a)")
    placed = file.place(Replace(file.stmt("for"), new))
    assert "\tfor a in x:\n\t\tif a:\n\t\t\tg(a)\n" in placed.text
    file = File("def f(x):\n  for a in x:\n    g(a)\n")
    assert file.place(Replace(file.stmt("for"), new)).text == "def f(x):\n  for a in x:\n    if a:\n      g(a)\n"


def test_new_blocks_deep_in_a_file_are_one_level_deeper():
    file = File("class A:\n    def f(self, x):\n        for a in x:\n            g(a)\n")
    placed = file.place(Replace(file.stmt("for"), code("for a in x:\n    if a:\n        g(a)")))
    assert lines(placed) == "        for a in x:\n            if a:\n                g(a)"


def test_an_original_statement_that_shares_its_line_is_not_moved():
    file = File("for a in x: g(a)\n")
    loop = file.stmt("for")
    (header,) = code("for a in y:\n    pass")
    header.body = list(loop.body)
    with pytest.raises(PlacementError, match="shares its line"):
        file.place(Replace(loop, (header,)))


def test_long_lines_are_wrapped_to_the_files_width():
    file = File(f"# {'-' * 200}\ndef f(loans):\n    for x in loans:\n        y(x)\n")
    new = code("fees = [min((0.6 if kind == 'film' else 0.2) * days_late, maximum) for days_late, kind in loans]")
    placed = file.place(Replace(file.stmt("for"), new))
    assert lines(placed).split("\n") == [
        "    fees = [",
        '        min((0.6 if kind == "film" else 0.2) * days_late, maximum)',
        "        for days_late, kind in loans",
        "    ]",
    ]
    assert file.place(Replace(file.stmt("for"), new), width=120).after_lines == (3, 3)


def test_a_read_in_a_long_line_is_not_broken():
    file = File("""
        for i in range(len(df)):
            total += df["strike"].iloc[i] * discount_of(rate, days_to_expiry) * delta / (df["strike"].iloc[i]) ** 2
    """)
    new = ast.parse("strike_of[i]", mode="eval").body
    reads = [Substitute(file.expr("df['strike'].iloc[i]", n), new) for n in (0, 1)]
    placed = file.place(*reads, width=88)
    assert placed.text.count("\n") == 2


def test_edits_in_different_blocks_use_the_smallest_run_around_them():
    file = File("""
        def f(x):
            a = 1
            out = []
            if x:
                for a in x:
                    out.append(a)
            b = 2
        """)
    placed = file.place(Replace(file.stmt("out"), ()), Replace(file.stmt("for"), code("out = list(x)")))
    assert placed.before_lines == (3, 6)
    assert lines(placed) == "    if x:\n        out = list(x)"


@pytest.mark.parametrize(
    ("source", "target", "new", "why"),
    [
        ("a = 1; out = []\nb = 2\n", "out", "", "shares its line"),
        ("if x: out = []\n", "out", "y = 1", "shares its line"),
        ("if x:\n    out = []\n", "out", "", "left empty"),
        ("out = []\n", "out", "", "left empty"),
        ("if x:\n    a\nelif y:\n    b\n", "if y", "c", "elif"),
        ("a = 1\nout = []  # type: list[int]\nb = 2\n", "out", "", "# type: list"),
        ("for x in y:  # noqa: B007\n    z\n", "for", "z", "# noqa"),
        ("for x in y:\n    # fmt: off\n    z\n", "for", "z", "# fmt: off"),
        ("for x in y:\n    z  # pragma: no cover\n", "for", "z", "# pragma"),
        ("for x in y:\n    z(a,  # pylint: disable=foo\n      b)\n", "for", "z", "# pylint"),
    ],
)
def test_what_can_not_be_placed_is_refused(source, target, new, why):
    file = File(source)
    stmt = file.stmt(target) if target != "if y" else file.tree.body[0].orelse[0]
    with pytest.raises(PlacementError, match=why) as caught:
        file.place(Replace(stmt, code(new)))
    assert caught.value.line >= 1


def test_marker_comments_that_stay_on_their_line_are_no_obstacle():
    file = File("# fmt: off\nfor x in y:\n    z\nw = a[0]  # noqa\n")
    assert file.place(Replace(file.stmt("for"), code("z = 1"))).text == "# fmt: off\nz = 1\nw = a[0]  # noqa\n"
    assert "w = b  # noqa" in file.place(Substitute(file.expr("a[0]"), expr("b"))).text


def test_a_replaced_one_line_loop_and_a_file_without_final_newline():
    file = File("a = 1\nfor x in y: print(x)")
    placed = file.place(Replace(file.stmt("for"), code("z = 1\nw = 2")))
    assert placed.text == "a = 1\nz = 1\nw = 2"
    assert placed.text_edits == ((6, len(file.text), "z = 1\nw = 2"),)


def test_bytes_far_from_the_change_have_no_edit():
    file = File("x = 1\n\x0c\n\ndef f(a):\n    for b in a:\n        c\n    d = 'ä\x0b\u2028'\n\n\x0c\ndef g(): pass\n")
    placed = file.place(Replace(file.stmt("for"), code("e = 1")))
    ((start, end, new),) = placed.text_edits
    assert (file.text[start:end], new) == ("    for b in a:\n        c\n", "    e = 1\n")


DOC = '"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\n'


@pytest.mark.parametrize(
    ("top", "result"),
    [
        ("import os\nimport pandas as pd\n", "import os\nimport numpy as np\nimport pandas as pd\n"),
        (DOC + "import pandas as pd\nfrom x import y\n\nfrom . import z\n",
         DOC + "import numpy as np\nimport pandas as pd\nfrom x import y\n\nfrom . import z\n"),
        ("import os\nimport re  # noqa\n\n\n", "import os\nimport re  # noqa\n\nimport numpy as np\n\n\n"),
        ("from . import z\n\n", "import numpy as np\n\nfrom . import z\n\n"),
        ('"""Doc."""\n\n\n', '"""Doc."""\n\nimport numpy as np\n\n\n'),
        ("#!/bin/env python\n# What it does.\n\n", "#!/bin/env python\n# What it does.\n\nimport numpy as np\n\n\n"),
        ("", "import numpy as np\n\n\n"),
        ("import numpy as np\n", "import numpy as np\n"),
        ("import os, numpy as np\n", "import os, numpy as np\n"),
        ("import numpy\n", "import numpy\nimport numpy as np\n"),
    ],
)  # fmt: skip
def test_imports_find_their_place(top, result):
    body = "def f(a):\n    for b in a:\n        c\n"
    file = File(top + body)
    placed = file.place(Replace(file.stmt("for"), code("d = np.arange(3)")), imports=["import numpy as np"])
    assert placed.text == result + "def f(a):\n    d = np.arange(3)\n"
    assert lines(placed) == "    d = np.arange(3)"


def test_an_import_below_a_script_s_loop_does_not_count():
    file = File("import os\nfor b in os.a:\n    c\nimport numpy as np\n")
    placed = file.place(Replace(file.stmt("for"), code("d = np.arange(3)")), imports=["import numpy as np"])
    assert placed.text.startswith("import os\n\nimport numpy as np\nd = ")


def test_one_edit_in_a_long_file_is_quick():
    function = "def f(a):\n    out = []\n    for b in a:\n        out.append(b)\n    return out\n\n\n"
    text = function * 750
    tree = ast.parse(text)
    loop = tree.body[600].body[1]
    place(text, tree, [Replace(loop, code("out = list(a)"))])
    start = time.perf_counter()
    place(text, tree, [Replace(loop, code("out = list(a)"))])
    assert time.perf_counter() - start < 0.1
