"""Rendering: what is written parses back to the tree that was given, and reads as a person would have written it."""

from __future__ import annotations

import ast
import random
import textwrap

import pytest

from deloop.codemods.render import RenderError, Style, render_expr, render_stmt, style_of
from deloop.codemods.render_same import same_tree


class Trees:
    """Random syntax trees, as transforms build them: without places, contexts or type comments."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def name(self) -> ast.Name:
        return ast.Name(self.rng.choice(["a", "bars", "x1", "volume_of_the_bar", "np"]))

    def constant(self) -> ast.expr:
        numbers = [0, 7, -3, 2.5, -0.5, 1e300, 1e16, float("inf"), 2j, 10**30, True, None, ...]
        texts = ["open", 'a"b', "it's", "\"'", "\\d\n", "\x00é\u2028", "", "{x}", b"\x00'\"z"]
        values = [*numbers, *texts]
        return ast.Constant(self.rng.choice(values))

    def expr(self, depth: int) -> ast.expr:
        if depth <= 0:
            return self.name() if self.rng.random() < 0.6 else self.constant()
        return getattr(self, "make_" + self.rng.choice(self.kinds))(depth - 1)

    kinds = (
        "binop", "binop", "unary", "boolop", "compare", "ifexp", "lambda", "call", "call", "attribute", "subscript",
        "slices", "tuple", "list", "set", "dict", "listcomp", "setcomp", "dictcomp", "genexp", "named", "await",
        "yield", "yieldfrom", "fstring", "solecall",
    )  # fmt: skip

    def many(self, depth: int, least: int = 0, most: int = 3) -> list[ast.expr]:
        return [self.expr(depth) for _ in range(self.rng.randint(least, most))]

    def starred(self, depth: int) -> list[ast.expr]:
        return [ast.Starred(e) if self.rng.random() < 0.15 else e for e in self.many(depth)]

    def make_binop(self, d):
        return ast.BinOp(self.expr(d), self.rng.choice(ast.operator.__subclasses__())(), self.expr(d))

    def make_unary(self, d):
        return ast.UnaryOp(self.rng.choice(ast.unaryop.__subclasses__())(), self.expr(d))

    def make_boolop(self, d):
        return ast.BoolOp(self.rng.choice(ast.boolop.__subclasses__())(), self.many(d, 2))

    def make_compare(self, d):
        count = self.rng.randint(1, 2)
        ops = [self.rng.choice(ast.cmpop.__subclasses__())() for _ in range(count)]
        return ast.Compare(self.expr(d), ops, self.many(d, count, count))

    def make_ifexp(self, d):
        return ast.IfExp(self.expr(d), self.expr(d), self.expr(d))

    def arguments(self, d):
        names = [ast.arg(n) for n in ("p", "q", "r", "s")]
        return ast.arguments(
            posonlyargs=names[:1],
            args=names[1:2],
            vararg=ast.arg("rest") if self.rng.random() < 0.3 else None,
            kwonlyargs=names[2:],
            kw_defaults=[None, self.expr(d)],
            kwarg=ast.arg("more"),
            defaults=self.many(d, 0, 2),
        )

    def make_lambda(self, d):
        bare = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.Lambda(bare if self.rng.random() < 0.5 else self.arguments(d), self.expr(d))

    def make_call(self, d):
        keywords = [ast.keyword(self.rng.choice(["key", None]), e) for e in self.many(d, 0, 2)]
        return ast.Call(self.expr(d), self.starred(d), keywords)

    def make_solecall(self, d):
        return ast.Call(self.name(), [self.make_genexp(d)], [])

    def make_attribute(self, d):
        return ast.Attribute(self.expr(d), "values")

    def make_subscript(self, d):
        return ast.Subscript(self.expr(d), self.expr(d))

    def make_slices(self, d):
        def part():
            return self.expr(d) if self.rng.random() < 0.6 else None

        cuts = [ast.Slice(part(), part(), part()) for _ in range(self.rng.randint(1, 2))]
        return ast.Subscript(self.expr(d), cuts[0] if len(cuts) == 1 else ast.Tuple(cuts))

    def make_tuple(self, d):
        return ast.Tuple(self.starred(d))

    def make_list(self, d):
        return ast.List(self.starred(d))

    def make_set(self, d):
        return ast.Set(self.many(d, 1))

    def make_dict(self, d):
        values = self.many(d)
        return ast.Dict([self.expr(d) if self.rng.random() < 0.8 else None for _ in values], values)

    def clauses(self, d):
        target = ast.Tuple([ast.Name("i"), ast.Name("row")]) if self.rng.random() < 0.5 else ast.Name("i")
        return [ast.comprehension(target, self.expr(d), self.many(d, 0, 2), is_async=self.rng.random() < 0.1)]

    def make_listcomp(self, d):
        return ast.ListComp(self.expr(d), self.clauses(d))

    def make_setcomp(self, d):
        return ast.SetComp(self.expr(d), self.clauses(d))

    def make_dictcomp(self, d):
        return ast.DictComp(self.expr(d), self.expr(d), self.clauses(d) + self.clauses(d))

    def make_genexp(self, d):
        return ast.GeneratorExp(self.expr(d), self.clauses(d))

    def make_named(self, d):
        return ast.NamedExpr(ast.Name("seen"), self.expr(d))

    def make_await(self, d):
        return ast.Await(self.expr(d))

    def make_yield(self, d):
        return ast.Yield(self.expr(d) if self.rng.random() < 0.7 else None)

    def make_yieldfrom(self, d):
        return ast.YieldFrom(self.expr(d))

    def make_fstring(self, d):
        spec = ast.JoinedStr([ast.Constant(">"), ast.FormattedValue(self.name(), -1), ast.Constant(".2f")])
        value = ast.FormattedValue(self.expr(d), self.rng.choice([-1, 114]), spec if self.rng.random() < 0.3 else None)
        return ast.JoinedStr([ast.Constant(self.rng.choice(["entry_", "{}'", '"\n\\'])), value, ast.Constant("!")])

    def stmt(self, depth: int) -> ast.stmt:
        rng, e = self.rng, self.expr
        target = rng.choice([self.name(), ast.Tuple([self.name(), ast.Starred(self.name())]),
                             ast.Subscript(self.name(), e(1)), ast.Attribute(e(1), "x")])  # fmt: skip
        place = ast.Subscript(ast.Attribute(self.name(), "loc"), e(2))
        simple = [
            lambda: ast.Assign([target], e(depth)),
            lambda: ast.Assign([target, place], e(depth)),
            lambda: ast.AugAssign(place, rng.choice(ast.operator.__subclasses__())(), e(depth)),
            lambda: ast.AnnAssign(place, e(1), e(depth), 0),
            lambda: ast.Expr(e(depth)),
            lambda: ast.Return(e(depth)),
            lambda: ast.Assert(e(depth), e(1)),
            lambda: ast.Raise(e(depth), e(1)),
            lambda: ast.Delete([place, self.name()]),
        ]
        blocks = [
            lambda: ast.For(target, e(depth), self.body(depth), []),
            lambda: ast.While(e(depth), self.body(depth), self.body(1)),
            lambda: ast.If(e(depth), self.body(depth), [ast.If(e(1), self.body(1), self.body(1))]),
            lambda: ast.With([ast.withitem(e(1), self.name()), ast.withitem(e(1), None)], self.body(depth)),
            lambda: ast.Try(self.body(1), [ast.ExceptHandler(e(1), "error", self.body(1))], [], self.body(1)),
            lambda: ast.FunctionDef("f", self.arguments(1), self.body(1), [e(1)], None),
        ]
        return rng.choice(simple if depth < 2 or rng.random() < 0.6 else blocks)()

    def body(self, depth: int) -> list[ast.stmt]:
        return [self.stmt(depth - 1) for _ in range(self.rng.randint(1, 2))]


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("width", [20, 60, float("inf")])
def test_expressions_parse_back(quote, width):
    rendered = 0
    for seed in range(250):
        node = Trees(seed).expr(seed % 4 + 1)
        try:
            text = render_expr(node, width=width, quote=quote)
        except RenderError:
            continue
        rendered += 1
        # a conditional expression or an f-string may hold what has no spelling; all that is spelled must be right
        assert same_tree(ast.parse(f"({text}\n)", mode="eval").body, node), text
    assert rendered > 200


@pytest.mark.parametrize("width", [40, 88])
def test_statements_parse_back(width):
    rendered = 0
    for seed in range(400):
        node = Trees(seed).stmt(seed % 3 + 1)
        try:
            lines = render_stmt(node, indent="\t", width=width, unit="\t")
        except RenderError:
            continue
        rendered += 1
        (parent,) = ast.parse("\n".join(["if 1:", *lines])).body
        assert len(parent.body) == 1
        assert same_tree(parent.body[0], node), "\n".join(lines)
    assert rendered > 320


def written(code: str, width: int = 60) -> str:
    (node,) = ast.parse(textwrap.dedent(code)).body
    return "\n".join(render_stmt(node, width=width))


@pytest.mark.parametrize(
    "code",
    [
        "x = a + b * c - (d - e)",
        "y = (a + b) * c",
        "z = -x**2 + a[i] ** 2 + 2**-n",
        "keep = (price > 0) & ~flat",
        "t = not a and (b or c)",
        "x[i + 1 :] = y[:-1]",
        "a, b = b, a",
        "for i, (x, y) in enumerate(pairs):\n    pass",
        "if (n := len(a)) > 10:\n    pass",
        "while chunk := read():\n    pass",
        'f(x, *rest, key="v", **options)',
        "total = sum(x * y for x, y in pairs)",
        "first = (x,)",
        "g = lambda x, *, y=1: x + y",
        'label = f"entry_{name!r:>10}"',
        "v = (1).real",
    ],
)
def test_short_code_is_left_as_a_person_writes_it(code):
    assert written(code) == code


@pytest.mark.parametrize(
    "code",
    [
        """\
        fees = [
            min((0.6 if kind == "film" else 0.2) * days, 10.0)
            for days, kind in loans
            if days > 3
        ]""",
        """\
        bought = np.where(
            flat, volume / 2, volume * (close - low) / spread
        )""",
        """\
        bought = np.where(
            flat_and_quiet,
            volume * 0.5,
            volume * (close - low) / spread,
        )""",
        """\
        pressure = (
            volume_of_the_bar * (close - low) / spread
            + volume_of_the_day / number_of_bars
        )""",
        """\
        rows = (
            frame.groupby("symbol")
            .agg({"price": "mean"})
            .reset_index(drop=True)
        )""",
        """\
        frame = pd.DataFrame(
            {
                "price": prices_of_all_the_bars,
                "volume": volumes_of_all_the_bars,
            }
        )""",
    ],
)
def test_long_code_is_wrapped_as_black_does(code):
    expected = textwrap.dedent(code)
    assert written(code) == expected
    assert max(map(len, expected.split("\n"))) <= 60


def test_constants_keep_their_spelling():
    text = "x = f(10_000, 1e-9, 0x1F, r'\\d', 'single', \"double\", f'{a}', 'a' 'b', b'raw')\n"
    (node,) = ast.parse(text).body
    assert render_stmt(node, source_text=text) == [text.rstrip()]


def test_constants_of_another_text_are_spelled_anew():
    node = ast.parse("x = 10_000").body[0]
    assert render_stmt(node, source_text="y = 20_00\n") == ["x = 10000"]
    node.value.synthetic = True
    assert render_stmt(node, source_text="x = 10_000\n") == ["x = 10000"]


def test_quotes_of_the_file_are_used_inside_and_outside_of_fstrings():
    node = ast.parse("f\"{row['a']}\"", mode="eval").body
    assert render_expr(node, quote="'") == "f'{row[\"a\"]}'"
    assert render_expr(ast.Constant("x"), quote="'") == "'x'"
    assert render_expr(ast.Constant("it's"), quote="'") == '"it\'s"'


def test_what_has_no_spelling_is_an_error():
    backslash = ast.JoinedStr([ast.FormattedValue(ast.Constant("\\"), -1)])
    for node in (ast.Constant(float("nan")), ast.Constant((1, 2)), backslash):
        with pytest.raises(RenderError):
            render_expr(node)


def test_style_of_a_file():
    assert style_of("def f():\n\treturn 'a' + 'b'\n") == Style("'", 88, "\t")
    assert style_of('class A:  # c\n\n  x = "it\'s"\n' + "y = 1" * 20 + "\n") == Style('"', 100, "  ")
    assert style_of("") == Style('"', 88, "    ")
