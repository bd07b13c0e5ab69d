"""Random programs: a loop with its surroundings."""

from __future__ import annotations

import ast
import re
import textwrap
from random import Random

from .expressions import HELPERS, Expressions, Scope
from .headers import header
from .idioms import Idioms
from .model import Parameter, Program
from .shapes import Shapes
from .sinks import Lines, Sink, Sinks

HEAD = "import math\nfrom collections import Counter, defaultdict\n\nimport numpy as np\nimport pandas as pd\n"


def program(seed: int, number: int, idiom: str = "") -> Program:
    """The program of that number, in the manner of an idiom if one is named; always the same for the same seed."""
    for attempt in range(20):
        made = _Maker(Random(f"{seed}/{number}/{attempt}"), idiom).program(number)
        try:
            ast.parse(made.text)
        except SyntaxError:
            continue
        return made
    raise ValueError(f"no program {number} for seed {seed} that parses")


def _indented(lines: Lines, levels: int = 1) -> Lines:
    return ["    " * levels + line for line in lines]


class _Maker:
    def __init__(self, rng: Random, idiom: str) -> None:
        self.rng, self.idiom = rng, idiom
        self.scope = Scope(rng)
        self.make = Expressions(self.scope)
        self.home = self.scope.pick(*["function"] * 5, "method", "module", "generator", "closure")
        self.scope.calm = self.scope.chance(0.45)

    def program(self, number: int) -> Program:
        before, loop, after, result = self._shape() if self.idiom or self.scope.chance(0.55) else self._pieces()
        loop = self._over_own_length(before, loop)
        fixed = self.scope.fixed
        self.scope.locked = True
        before = [*(f"{name} = {made}" for name, made in fixed.items()), *before]
        parameters = tuple(self.scope.parameters.values())
        wanted = [name for name in HELPERS if any(f"{name}(" in line for line in [*before, *loop, *after, result])]
        helpers = [f"\n\n{HELPERS[name]}" for name in wanted]
        head = HEAD + ("from tqdm import tqdm\n" if any("tqdm(" in line for line in loop) else "")
        held = tuple(name for name in fixed if name not in ("top", "scale", "size", "count"))
        if self.home == "module":
            text = "\n".join([*self._inputs(parameters), *before, *loop, *after, f"answer = {result}"])
            return Program(number, head + "".join(helpers) + "\n\n" + text + "\n", parameters, "", held)
        body = _indented([*before, *loop, *after, f"{'yield' if self.home == 'generator' else 'return'} {result}"])
        names = ", ".join(p.name for p in parameters)
        signature = ", ".join(f"{p.name}: {p.annotation}" if p.annotation else p.name for p in parameters)
        if self.home == "method":
            lines = ["class Desk:", *_indented([f"def work(self, {signature}):".replace(", )", ")"), *body])]
            entry = f"Desk().work({names})"
        elif self.home == "closure":
            lines = [f"def work({signature}):", *_indented(["def inner():", *body, "return inner()"])]
            entry = f"work({names})"
        else:
            lines = [f"def work({signature}):", *body]
            entry = f"list(work({names}))" if self.home == "generator" else f"work({names})"
        text = head + "".join(helpers) + "\n\n" + "\n".join(lines) + "\n"
        return Program(number, text, parameters, entry, held)

    def _over_own_length(self, before: Lines, loop: Lines) -> Lines:
        """Some loops count by the array that they fill: `for i in range(len(out))`."""
        for line in before:
            made = re.fullmatch(r"(\w+) = np\.(?:zeros|ones|empty|full)\((.+?)(?:, [^()]*)?\)", line)
            header = f"range({made[2]}):" if made else ""
            if made and any(header in x for x in loop) and self.scope.chance(0.4):
                own = self.scope.pick(f"range(len({made[1]})):", f"range({made[1]}.shape[0]):")
                return [x.replace(header, own) for x in loop]
        return loop

    def _inputs(self, parameters: tuple[Parameter, ...]) -> Lines:
        """At module level, what the program is given is copied, so that its kind shows."""
        copies = {
            "frame": "pd.DataFrame({})",
            "list": "list({})",
            "array": "np.array({})",
            "series": "pd.Series({})",
            "dict": "dict({})",
        }
        return [
            f"{p.name} = {copies[p.kind].format('given_' + p.name)}" if p.kind in copies and p.annotated
            else f"{p.name} = given_{p.name}"
            for p in parameters
        ]  # fmt: skip

    def _shape(self) -> tuple[Lines, Lines, Lines, str]:
        own = self.idiom or self.scope.chance(0.7)
        piece = Idioms(self.make).one(self.idiom) if own else Shapes(self.make).any()
        plain = Sink(piece.before, list, [], piece.before[0].split(" ")[0] if piece.before else "")
        before, code = self._around(piece.before, [], piece.code, [plain])
        return before, code, [], piece.result

    def _pieces(self) -> tuple[Lines, Lines, Lines, str]:
        head = header(self.scope)
        self.scope.read = head.read
        makers = Sinks(self.make, head, self.home != "module")
        temporaries = self._temporaries()
        sinks = [makers.one() for _ in range(self.rng.choice((1, 1, 1, 1, 2, 2, 3)))]
        body = [*temporaries, *self._guards(head.last), *self._effects(sinks), *self._tail(), *head.last]
        loop = [head.line, *_indented(body)]
        if self.scope.chance(0.02):
            loop += ["else:", f"    {sinks[0].before[-1]}" if sinks[0].before else "    pass"]
        before = [line for sink in sinks for line in sink.before]
        before, loop = self._around(before, [*head.before], loop, sinks)
        after = [line for sink in sinks for line in sink.after]
        results = [self.rng.choice(sink.uses) for sink in sinks]
        if self.scope.chance(0.06):
            results.append(self.rng.choice(head.leaks))
        if self.scope.chance(0.04) and self.scope.names:
            results.append(self.rng.choice(next(iter(self.scope.names.values()))))
        if self.scope.chance(0.06):
            named = [s.name for s in sinks if s.name]
            after += [f"{named[0]}.copy()"] if named else []
        result = results[0] if len(results) == 1 else f"({', '.join(results)})"
        return before, loop, after, result

    def _temporaries(self) -> Lines:
        lines: Lines = []
        for _ in range(self.rng.choice((0, 0, 0, 1, 1, 2))):
            kind = self.scope.pick("num", "num", "num", "text", "bool")
            maker = {"num": self.make.number, "text": self.make.text, "bool": self.make.condition}[kind]
            name = {"num": "t", "text": "u", "bool": "ok"}[kind]
            value = maker()
            if self.scope.chance(0.15):
                lines += [f"if {self.make.condition(1)}:", f"    {name} = {value}", "else:", f"    {name} = {maker()}"]
            else:
                lines.append(f"{name} = {value}")
            known = self.scope.names.setdefault(kind, [])
            if name not in known:
                known.append(name)
            if self.scope.chance(0.15):
                lines += [f"if {self.make.condition(1)}:", f"    {name} = {maker()}"]
        return lines

    def _guards(self, last: tuple[str, ...]) -> Lines:
        if last or self.scope.chance(0.78):
            return []
        leave = self.scope.pick("continue", "continue", "continue", "break")
        return [f"if {self.make.condition()}:", f"    {leave}"]

    def _effects(self, sinks: list[Sink]) -> Lines:
        if len(sinks) == 2 and self.scope.chance(0.3):
            first, second = sinks
            return [
                f"if {self.make.condition()}:",
                *_indented(first.effect()),
                *(["else:", *_indented(second.effect())] if self.scope.chance(0.6) else second.effect()),
            ]
        return [line for sink in sinks for line in self._guarded(sink)]

    def _guarded(self, sink: Sink) -> Lines:
        roll = self.rng.random()
        if roll < 0.6:
            return sink.effect()
        lines = [f"if {self.make.condition()}:", *_indented(sink.effect())]
        if roll < 0.75:
            return lines
        if roll < 0.82:
            lines += [f"elif {self.make.condition()}:", *_indented(sink.effect())]
        return [*lines, "else:", *_indented(sink.effect())]

    def _tail(self) -> Lines:
        """What a body does beside, now and then."""
        roll = self.rng.random()
        value = self.make.leaf("num") or "0"
        if roll < 0.015:
            return [f"print({value})"]
        if roll < 0.03:
            return [f"prev = {value}"]
        if roll < 0.04:
            return ["if locals():", "    pass"]
        return []

    def _around(self, before: Lines, start: Lines, loop: Lines, sinks: list[Sink]) -> tuple[Lines, Lines]:
        """Puts something between, before or around."""
        roll = self.rng.random()
        name = next((s.name for s in sinks if s.name), "")
        first = [*start, *loop]
        if roll < 0.55:
            return before, first
        if roll < 0.6:
            return [*before, "steps = 3"], first
        if roll < 0.65 and name:
            return [*before, f"{self.scope.pick('other', 'self_')} = {name}"], first
        if roll < 0.7 and name:
            return before, [*first, *self._more(name, loop, start)]
        if roll < 0.75:
            self.scope.need("limit", "num")
            return before, ["if limit > 0:", *_indented(first)]
        if roll < 0.8:
            return [], [*["if True:"], *_indented([*before, *first])]
        if roll < 0.84:
            return before, ["for turn in range(2):", *_indented(first)]
        if roll < 0.86:
            return [], ["for turn in range(2):", *_indented([*before, *first])]
        if roll < 0.9:
            error = self.scope.pick("ZeroDivisionError", "Exception", "(TypeError, ValueError)")
            inner = [*before, *first] if self.scope.chance(0.3) else first
            ahead = [] if inner is not first else before
            return [*ahead, *(["done = False"])], [
                "try:",
                *_indented([*inner, "done = True"]),
                f"except {error}:",
                f"    {self.scope.pick('pass', 'done = None')}",
            ]
        if roll < 0.92:
            return before, ["with np.errstate(all='ignore'):", *_indented(first)]
        if roll < 0.95 and name:
            return [*before, f"peek = lambda: len({name})"], first
        if roll < 0.97:
            return before, [*first, *textwrap.dedent("\n".join(first)).split("\n")]
        return [*before, *([f"{name} = {name}"] if name else [])], first

    def _more(self, name: str, loop: Lines, start: Lines) -> Lines:
        value = self.make.scope.pick("0", "None", "1.5")
        return self.rng.choice(([f"{name}.append({value})"], [*start, *loop], [f"{name} = list({name})"]))
