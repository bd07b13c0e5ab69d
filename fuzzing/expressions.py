"""Random expressions over what a loop's header gives to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from .model import Parameter

HELPERS = {
    "grade": "def grade(x, limit=2):\n    if x > limit:\n        return x - limit\n    return x * 2\n",
    "spread": "def spread(x, y):\n    low = min(x, y)\n    return (x - low) * 2 + y\n",
    "label": 'def label(x):\n    if x > 10:\n        return "high"\n    return "mid" if x > 0 else "low"\n',
    "maybe": "def maybe(x):\n    if x > 1:\n        return x\n",
    "risky": 'def risky(x):\n    if x < -50:\n        raise ValueError("too low")\n    return x + 1\n',
    "noisy": "SEEN = []\n\ndef noisy(x):\n    SEEN.append(x)\n    return x\n",
}
_NUMBERS = ("0", "1", "2", "3", "-1", "0.5", "1.5", "10", "100", "0.0", "1e-3")
_TEXTS = ('"a"', '"b"', '""', '"k1"', '"buy"', '"x y"')


@dataclass
class Scope:
    """What a program has so far: its parameters, helpers, and the names that expressions may use."""

    rng: Random
    parameters: dict[str, Parameter] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    read: Callable[[str], str | None] = lambda kind: None
    names: dict[str, list[str]] = field(default_factory=dict)  # kind -> temporaries
    calm: bool = False  # plain arithmetic and comparisons only
    fixed: dict[str, str] = field(default_factory=dict)  # names bound before the loop -> to what
    locked: bool = False  # no more of them

    def need(self, name: str, kind: str, element: str = "num", annotated: float = 0.75) -> Parameter:
        """A parameter, made when it is first asked for."""
        if name not in self.parameters:
            self.parameters[name] = Parameter(name, kind, element, self.rng.random() < annotated)
        return self.parameters[name]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)


class Expressions:
    """Makes expressions of a kind. Depth bounds how far they nest."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def any(self, depth: int = 2) -> str:
        """A value of any kind, numbers most often."""
        roll = self.scope.rng.random() * (0.66 if self.scope.calm and self.scope.chance(0.8) else 1)
        if roll < 0.66:
            return self.number(depth)
        if roll < 0.82:
            return self.text(depth)
        if roll < 0.9:
            return self.condition(depth)
        if roll < 0.93:
            return self.scope.pick("None", "True", '"x"', "0", "np.nan", 'float("nan")')
        if roll < 0.96:
            return f"({self.number(1)}, {self.text(1)})"
        return self.leaf("date") or self.number(1)

    def leaf(self, kind: str) -> str | None:
        """Something to read."""
        names = self.scope.names.get(kind, [])
        if names and self.scope.chance(0.4):
            return self.scope.rng.choice(names)
        return self.scope.read(kind)

    def number(self, depth: int = 2) -> str:
        s = self.scope
        if depth <= 0 or s.chance(0.25):
            return self._number_leaf()
        if s.calm:
            return self._calm_number(depth)
        roll = s.rng.random()
        if roll < 0.5:
            sign = s.pick("+", "-", "*", "+", "-", "*", "/", "/", "//", "%")
            return f"({self.number(depth - 1)} {sign} {self.number(depth - 1)})"
        if roll < 0.54:
            return f"({self._number_leaf()} ** {s.pick('2', '2', '3', '0.5', '-1')})"
        if roll < 0.58:
            return f"-{self.number(depth - 1)}"
        if roll < 0.63:
            return f"abs({self.number(depth - 1)})"
        if roll < 0.7:
            return f"{s.pick('max', 'min')}({self.number(depth - 1)}, {self.number(depth - 1)})"
        if roll < 0.74:
            return f"round({self.number(depth - 1)}{s.pick('', ', 2', ', 1')})"
        if roll < 0.78:
            return f"{s.pick('int', 'float')}({self.number(depth - 1)})"
        if roll < 0.83:
            name = s.pick("math.sqrt", "math.floor", "math.exp", "np.sqrt", "np.abs", "np.log", "np.floor", "math.log")
            return f"{name}({self.number(depth - 1)})"
        if roll < 0.9:
            return f"({self.number(depth - 1)} if {self.condition(depth - 1)} else {self.number(depth - 1)})"
        if roll < 0.93:
            return self._helper(depth)
        if roll < 0.96:
            return self._looked_up()
        if roll < 0.98:
            return f"({self._number_leaf()} {s.pick('or', 'and')} {self._number_leaf()})"
        text = self.leaf("text")
        return f"len({text})" if text else self._number_leaf()

    def _calm_number(self, depth: int) -> str:
        s = self.scope
        roll = s.rng.random()
        if roll < 0.7:
            return f"{self._number_leaf()} {s.pick('+', '-', '*', '+', '-', '*', '/', '//', '%')} {self._number_leaf()}"
        if roll < 0.78:
            return f"({self.number(depth - 1)} {s.pick('+', '-', '*')} {self.number(depth - 1)})"
        if roll < 0.84:
            return f"{s.pick('abs', 'float', 'int', 'round', 'np.sqrt', 'math.sqrt')}({self._number_leaf()})"
        if roll < 0.9:
            return f"{s.pick('max', 'min')}({self._number_leaf()}, {self._number_leaf()})"
        if roll < 0.96:
            return f"({self._number_leaf()} if {self.condition(0)} else {self._number_leaf()})"
        return f"-{self._number_leaf()}"

    def _fixed(self) -> str:
        """A name that is bound before the loop to something that the loop does not change."""
        s = self.scope
        df, xs = (s.parameters.get(n) for n in ("df", "xs"))
        made = {"top": "float(len('four'))", "rate": "np.float64(1.5)", "scale": "max(2, 3) / 4"}
        if df is not None and df.columns:
            name = s.rng.choice(sorted(df.columns & {"open", "close", "size_", "qty", "lots"}) or ["open"])
            df.columns.add(name)
            made |= {"mean": f'df["{name}"].mean()', "first": f'df["{name}"].iloc[0]', "size": "len(df)"}
        if xs is not None and xs.kind == "array":
            made |= {"peak": "xs.max()", "last": "xs[-1]", "count": "xs.size"}
        name = s.rng.choice(sorted(made))
        s.fixed.setdefault(name, made[name])
        return name

    def _number_leaf(self) -> str:
        s = self.scope
        roll = s.rng.random()
        if roll < 0.03 and not s.locked:
            return self._fixed()
        if roll < 0.14:
            return s.rng.choice(_NUMBERS)
        if roll < 0.2:
            s.need("limit", "num")
            return "limit"
        if roll < 0.35:
            return self.leaf("int") or self.leaf("num") or "1"
        if roll < 0.38:
            date = self.leaf("date")
            return f"{date}.{s.pick('year', 'hour', 'day', 'month')}" if date else "2"
        return self.leaf("num") or self.leaf("int") or s.rng.choice(_NUMBERS)

    def _helper(self, depth: int) -> str:
        name = self.scope.pick("grade", "spread", "grade", "spread", "maybe", "risky", "noisy")
        self.scope.helpers.add(name)
        arguments = [self.number(depth - 1)]
        if name == "spread":
            arguments.append(self.number(depth - 1))
        return f"{name}({', '.join(arguments)})"

    def _looked_up(self) -> str:
        s = self.scope
        key = self.leaf("key") or s.rng.choice(_TEXTS)
        s.need("prices", "dict")
        return s.pick(f"prices[{key}]", f"prices.get({key}, 0)", f"prices.get({key})")

    def condition(self, depth: int = 2) -> str:
        s = self.scope
        if s.calm and s.chance(0.75):
            text = self.leaf("text") if s.chance(0.15) else None
            if text:
                return f"{text} {s.pick('==', '!=', '==')} {s.rng.choice(_TEXTS)}"
            return f"{self._number_leaf()} {s.pick('<', '>', '<=', '>=', '==', '!=')} {self._number_leaf()}"
        roll = s.rng.random()
        if depth > 0 and roll < 0.12:
            return f"({self.condition(depth - 1)} {s.pick('and', 'or')} {self.condition(depth - 1)})"
        if depth > 0 and roll < 0.17:
            return f"(not {self.condition(depth - 1)})"
        if roll < 0.26:
            flag = self.leaf("bool")
            if flag:
                return s.pick(flag, f"not {flag}", f"{flag} == True", f"{flag} is True")
        if roll < 0.4:
            return self._text_test()
        if roll < 0.44:
            value = self._number_leaf()
            return s.pick(f"pd.isna({value})", f"{value} is None", f"{value} is not None", f"np.isnan({value})", value)
        if roll < 0.48:
            among = s.pick("(1, 2)", "(0, 1.5, 3)", "(2,)", "{1, 3}", "range(1, 4)", "range(3)", "range(-2, 8, 3)")
            return f"{self._number_leaf()} {s.pick('in', 'in', 'not in')} {among}"
        if roll < 0.52:
            return f"0 < {self.number(depth - 1)} <= {self.number(depth - 1)}"
        if roll < 0.55:
            date = self.leaf("date")
            if date:
                return f'{date} {s.pick("<", ">=", "==")} pd.Timestamp("2024-01-03")'
        sign = s.pick("<", ">", "<=", ">=", "==", "!=", ">", "<")
        return f"{self.number(depth - 1)} {sign} {self.number(depth - 1)}"

    def _text_test(self) -> str:
        s = self.scope
        text = self.leaf("text") or self.leaf("key")
        if not text:
            return f"{self._number_leaf()} > 0"
        return s.pick(
            f"{text} == {s.rng.choice(_TEXTS)}",
            f"{text} != {s.rng.choice(_TEXTS)}",
            f'{text}.startswith("b")',
            f'{text} in ("buy", "a")',
            f'"a" in {text}',
            text,
            f'{text} < "c"',
        )

    def text(self, depth: int = 2) -> str:
        s = self.scope
        leaf = self.leaf("text") or self.leaf("key") or s.rng.choice(_TEXTS)
        if depth <= 0:
            return leaf
        roll = s.rng.random()
        if roll < 0.25:
            return leaf
        if roll < 0.4:
            return f"{leaf}.{s.pick('upper()', 'strip()', 'lower()', 'title()', 'zfill(3)')}"
        if roll < 0.5:
            return f"({leaf} + {s.rng.choice(_TEXTS)})"
        if roll < 0.62:
            return f'f"{{{leaf}}}-{{{self._number_leaf()}}}"'.replace('""', "''")
        if roll < 0.7:
            return f"str({self.number(depth - 1)})"
        if roll < 0.85:
            return f"({s.rng.choice(_TEXTS)} if {self.condition(depth - 1)} else {self.text(depth - 1)})"
        if roll < 0.92:
            s.helpers.add("label")
            return f"label({self.number(depth - 1)})"
        return s.pick(f"{leaf}[0]", f'{leaf}.replace("a", "-")', f"{leaf}[:2]", f'{leaf}.split(" ")[0]')
