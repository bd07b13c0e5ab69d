"""Random effects: what a loop builds, and how that is used afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .expressions import Expressions
from .headers import Header

Lines = list[str]


@dataclass(frozen=True)
class Sink:
    """What is made before the loop, the effect of one round, and expressions for what it has become."""

    before: Lines
    effect: Callable[[], Lines]
    uses: Lines
    name: str = ""  # the container, if others may be given the same
    after: tuple[str, ...] = ()


class Sinks:
    """Makes sinks. `number` keeps the names of several apart."""

    def __init__(self, make: Expressions, header: Header, in_function: bool) -> None:
        self.make, self.header, self.scope = make, header, make.scope
        self.in_function = in_function
        self.number = 0

    def one(self) -> Sink:
        self.number += 1
        makers = [
            *[self._list] * 9,
            *[self._total] * 4,
            *[self._dict] * 4,
            *[self._running] * 2,
            self._set,
            self._extreme,
            self._flag,
            self._text,
            self._last,
            self._streak,
            self._records,
            self._grown,
        ]
        if self.header.frame and (self.header.label or self.header.position):
            makers += [self._column] * 3
        if self.header.position:
            makers += [self._array] * 4
        return self.scope.rng.choice(makers)()

    def _named(self, *names: str) -> str:
        return self.scope.pick(*names) + (str(self.number) if self.number > 1 else "")

    def _list(self) -> Sink:
        name = self._named("out", "result", "vals")
        value = self._values()

        def effect() -> Lines:
            e = value()
            forms = [f"{name}.append({e})"] * 10
            forms += [f"{name} += [{e}]", f"{name}.extend([{e}, {value()}])", f"{name}.insert(0, {e})"]
            forms += [f"{name}.append([{e}, {value()}])", f"{name} = {name} + [{e}]"]
            if self.scope.chance(0.03):
                forms.append(f"{name}.append({e} if {name} else {value()})")
            return [self.scope.rng.choice(forms)]

        uses = [name, name, name, f"np.array({name})", f"pd.Series({name})", f"sum({name})", f"len({name})"]
        uses += [f'pd.DataFrame({{"v": {name}}})', f"sorted({name})", f"max({name})", f"np.mean({name})"]
        uses += [f"set({name})", f"tuple({name})", f"{name}[-1]", f'", ".join({name})', f"np.asarray({name})[::-1]"]
        uses += [f"[v * 2 for v in {name}]", f"any({name})", f"np.array({name}, dtype=float)", f"np.sum({name})"]
        uses += [f"pd.Series({name}, name='v')", f"np.array({name}).reshape(-1, 1)", f"Counter({name})"]
        uses += [f"np.concatenate([{name}, [0]])", f"min({name}, default=None)", f"({name} or None)", f"{name} + [0]"]
        if self.header.frame:
            uses += [f"pd.Series({name}, index={self.header.frame}.index)", f"{self.header.frame}.assign(made={name})"]
        after: tuple[str, ...] = ()
        if self.header.frame and self.scope.chance(0.2):
            after, uses = (f'{self.header.frame}["made"] = {name}',), [f'{self.header.frame}["made"]', name]
        if not after and self.scope.chance(0.06):
            after = (self.scope.pick(f"{name}.append(0)", f"{name}.sort(key=str)", f"{name} = np.array({name})"),)
        made = self.scope.pick(*["[]"] * 6, "list()", "[0]", "[None]")
        return Sink([f"{name} = {made}"], effect, uses, name, after)

    def _values(self) -> Callable[[], str]:
        """Values of one kind mostly."""
        kind = self.scope.pick("number", "number", "number", "number", "any", "text", "condition", "leaf")
        if kind == "leaf":
            return lambda: self.make.leaf(self.scope.pick("num", "int", "text", "bool", "date", "key")) or "1"
        made: Callable[[], str] = getattr(self.make, kind)
        return made

    def _total(self) -> Sink:
        name = self._named("total", "acc", "count")
        start = self.scope.pick("0", "0", "0.0", "1", "100.0", "limit")
        if start == "limit":
            self.scope.need("limit", "num")

        def effect() -> Lines:
            e = self.make.number()
            count = [f"{name} += 1"] * 3
            forms = [*[f"{name} += {e}"] * 5, f"{name} -= {e}", f"{name} *= {e}", f"{name} = {name} + {e}", *count]
            return [self.scope.rng.choice(forms)]

        return Sink([f"{name} = {start}"], effect, [name, f"{name} / 2", f"round({name}, 2)"])

    def _running(self) -> Sink:
        """A state that every round leaves in a list."""
        name, seen = self._named("total"), self._named("path")
        style = self.scope.rng.randrange(4)

        def effect() -> Lines:
            e = self.make.number(1)
            forms = (
                f"{name} += {e}",
                f"{name} = max({name}, {e})",
                f"{name} = {name} * 0.9 + {e} * 0.1",
                f"{name} = max(0, {name} + {e})",
            )
            return [forms[style], f"{seen}.append({name})"]

        start = self.scope.pick("0", "0.0", "1.0")
        return Sink([f"{name} = {start}", f"{seen} = []"], effect, [seen, f"({name}, {seen})", f"np.array({seen})"])

    def _key(self) -> str:
        kinds = ["text", "key", "key", "int", "num", "date", "bool"]
        return self.make.leaf(self.scope.rng.choice(kinds)) or self.header.label or self.header.position or '"k"'

    def _dict(self) -> Sink:
        name = self._named("table", "by_key")
        style = self.scope.rng.randrange(8)
        made = {5: "defaultdict(float)", 6: "defaultdict(list)", 7: "Counter()"}.get(style, "{}")

        def effect() -> Lines:
            key, e = self._key(), self.make.any() if style < 2 else self.make.number()
            if style <= 1:
                return [f"{name}[{key}] = {e}"]
            if style == 2:
                return [f"{name}[{key}] = {name}.get({key}, 0) + {self.scope.pick('1', e)}"]
            if style == 3:
                return [
                    f"if {key} in {name}:",
                    f"    {name}[{key}] += {e}",
                    "else:",
                    f"    {name}[{key}] = {self.scope.pick(e, '0', '1')}",
                ]
            if style == 4:
                return [f"{name}.setdefault({key}, []).append({e})"]
            return [
                f"{name}[{key}] += {e}"
                if style == 5
                else f"{name}[{key}].append({e})"
                if style == 6
                else f"{name}[{key}] += 1"
            ]

        return Sink([f"{name} = {made}"], effect, [name, name, f"list({name}.values())", f"len({name})"], name)

    def _set(self) -> Sink:
        name = self._named("seen")
        return Sink([f"{name} = set()"], lambda: [f"{name}.add({self.make.any(1)})"], [name, f"len({name})"], name)

    def _extreme(self) -> Sink:
        name, place = self._named("best"), self._named("where")
        start = self.scope.pick("None", "0", "-np.inf", 'float("-inf")', "-1.0")
        spot = self.header.position or self.header.label
        style = self.scope.rng.randrange(3)

        def effect() -> Lines:
            e = self.make.number(1)
            if style == 0:
                return [f"{name} = max({name}, {e})"]
            test = f"{name} is None or {e} > {name}" if start == "None" else f"{e} {self.scope.pick('>', '>=')} {name}"
            return [f"if {test}:", f"    {name} = {e}", *([f"    {place} = {spot}"] if spot and style == 2 else [])]

        if style == 0 and start == "None":
            start = "0"
        return Sink([f"{name} = {start}", f"{place} = None"], effect, [name, f"({name}, {place})"])

    def _flag(self) -> Sink:
        name = self._named("found")
        start = self.scope.pick("False", "True", "None", "-1")

        def effect() -> Lines:
            spot = self.header.position or self.header.label or "1"
            value = {"False": "True", "True": "False"}.get(start) or self.scope.pick(spot, self.make.leaf("num") or "0")
            leave = ["    break"] if self.scope.chance(0.6) else []
            if self.in_function and self.scope.chance(0.2):
                return [f"if {self.make.condition()}:", f"    return {value}"]
            return [f"if {self.make.condition()}:", f"    {name} = {value}", *leave]

        return Sink([f"{name} = {start}"], effect, [name])

    def _text(self) -> Sink:
        name = self._named("line")
        start = self.scope.pick('""', '""', '"> "')
        return Sink([f"{name} = {start}"], lambda: [f"{name} += {self.make.text()}"], [name])

    def _last(self) -> Sink:
        name, seen = self._named("last"), self._named("lasts")

        def effect() -> Lines:
            test = self.make.condition(1)
            return [f"if {test}:", f"    {name} = {self.make.number(1)}", f"{seen}.append({name})"]

        return Sink(
            [f"{name} = {self.scope.pick('0', '0.0', 'None')}", f"{seen} = []"], effect, [seen, f"({name}, {seen})"]
        )

    def _streak(self) -> Sink:
        name, seen = self._named("run"), self._named("runs")

        def effect() -> Lines:
            reset = self.scope.pick("0", "0", "1")
            return [
                f"if {self.make.condition(1)}:",
                f"    {name} += 1",
                "else:",
                f"    {name} = {reset}",
                f"{seen}.append({name})",
            ]

        return Sink([f"{name} = 0", f"{seen} = []"], effect, [seen, f"({name}, {seen})", f"max({seen}, default=0)"])

    def _records(self) -> Sink:
        name = self._named("rows", "records")
        width = self.scope.rng.randint(1, 3)

        def effect() -> Lines:
            if self.scope.chance(0.6):
                cells = ", ".join(f'"f{k}": {self.make.any()}' for k in range(width))
                return [f"{name}.append({{{cells}}})"]
            return [f"{name}.append(({', '.join(self.make.any() for _ in range(width))},))"]

        uses = [
            f"pd.DataFrame({name})",
            name,
            f'pd.DataFrame({name}, columns=["f0"])',
            f"pd.DataFrame.from_records({name})",
        ]
        return Sink([f"{name} = []"], effect, uses, name)

    def _grown(self) -> Sink:
        """A frame that grows by one row a round."""
        name = self._named("grown")
        style = self.scope.rng.randrange(3)

        def effect() -> Lines:
            e = self.make.any(1)
            if style == 0:
                return [f'{name} = pd.concat([{name}, pd.DataFrame({{"v": [{e}]}})], ignore_index=True)']
            if style == 1:
                return [f"{name}.loc[len({name})] = [{e}]"]
            return [f'{name} = pd.concat([{name}, pd.DataFrame([{{"v": {e}}}])])']

        made = "pd.DataFrame()" if style != 1 else 'pd.DataFrame(columns=["v"])'
        return Sink([f"{name} = {made}"], effect, [name, f"len({name})"])

    def _column(self) -> Sink:
        """A cell of a new or an old column."""
        frame, at = self.header.frame, self.header.label or self.header.position
        name = self.scope.pick("made", "made", "made", "open", "qty")
        if name != "made":
            self.scope.need(frame, "frame").columns.add(name)
        style = self.scope.rng.randrange(6)
        label = f"{frame}.index[{at}]" if not self.header.label else at
        start = self.scope.pick("0", "0.0", "np.nan", "None", '""', "False")
        before = [f'{frame}["{name}"] = {start}'] if name == "made" and self.scope.chance(0.8) else []
        value = self._values()

        def effect() -> Lines:
            e = value()
            return [
                (
                    f'{frame}.at[{at}, "{name}"] = {e}',
                    f'{frame}.loc[{at}, "{name}"] = {e}',
                    f'{frame}.at[{at}, "{name}"] = {e}',
                    f'{frame}["{name}"].iloc[{at}] = {e}',
                    f'{frame}.iloc[{at}, {frame}.columns.get_loc("{name}")] = {e}',
                    f'{frame}.{self.scope.pick("loc", "at")}[{label}, "{name}"] = {e}',
                )[style]
            ]

        return Sink(before, effect, [frame, f'{frame}["{name}"]'])

    def _array(self) -> Sink:
        name = self._named("res", "filled")
        size, at = self.header.size, self.header.position
        made = self.scope.pick(
            f"np.zeros({size})",
            f"np.zeros({size})",
            f"np.zeros({size}, dtype=int)",
            f"np.full({size}, np.nan)",
            f"np.empty({size})",
            f"[0] * {size}",
            f"[None] * {size}",
            f"np.ones({size})",
            f"np.zeros({size}, dtype=bool)",
            f"np.zeros({size}, dtype=object)",
        )
        before = [f"{name} = {made}", *([f"{name}[:] = 0"] if "empty" in made else [])]
        if self.scope.chance(0.15):  # what belongs to the caller, or is read beside
            name, before = self.scope.pick("zs", "xs", "ns"), []
            self.scope.need(name, self.scope.pick("array", "array", "list", "series"), "int" if name == "ns" else "num")

        def effect() -> Lines:
            sign = self.scope.pick("=", "=", "=", "=", "+=", "*=", "-=")
            spot = self.scope.pick(*[at] * 9, f"{at} - 1", self.make.leaf("int") or at)
            value = self.make.any() if self.scope.chance(0.15) else self.make.number()
            if self.scope.chance(0.06):
                value = f"{name}[{at} - 1] + {value}"
            return [f"{name}[{spot}] {sign} {value}"]

        return Sink(before, effect, [name, f"{name}[0]", f"pd.Series({name})"], name)
