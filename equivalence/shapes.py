"""What is known of a value from the way the code uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

Spec = dict[str, Any]

#: a kind that the user or an annotation states outweighs any use
STATED = 50.0


class Shape:
    """Evidence about one value. Shapes that turn out to be the same value are unified."""

    def __init__(self, kind: str = "", weight: float = 1.0) -> None:
        self.votes: Counter[str] = Counter()
        self.fields: dict[str, Shape] = {}
        self.attrs: dict[str, Shape] = {}
        self.items: dict[int, Shape] = {}
        self.written: dict[str, Shape] = {}
        self.cells: set[str] = set()  # columns of a frame that are stored into cell by cell
        self.literals: list[Any] = []
        self.texts: list[str] = []  # what an f-string may give
        self.flags: set[str] = set()
        self.sources: list[Shape] = []
        self.inverse: list[tuple[Shape, Callable[[Any], Any]]] = []
        self.linked: list[Shape] = []
        self.along: list[Shape] = []  # of a position: what it is a position in, along the first axis
        self.down: list[Shape] = []  # of a table: the positions of its rows
        self.across: list[Shape] = []  # and those of its columns
        self._elem: Shape | None = None
        self._key: Shape | None = None
        self._index: Shape | None = None
        self._split: tuple[str | None, Shape] | None = None
        self._as_text: Shape | None = None
        self._merged: Shape | None = None
        self.size: int | None = None  # how many elements a sequence has
        self.value: Any = MISSING
        if kind:
            self.vote(kind, weight)

    def find(self) -> Shape:
        """The shape that stands for this one."""
        shape = self
        while shape._merged is not None:
            shape = shape._merged
        return shape

    def vote(self, kind: str, weight: float = 1.0) -> Shape:
        """Count evidence for a kind."""
        me = self.find()
        me.votes[kind] += weight  # type: ignore[assignment]
        return me

    def flag(self, *names: str) -> Shape:
        me = self.find()
        me.flags.update(names)
        return me

    def reduce(self, depth: int = 4) -> None:
        """The code makes one number of the value, so there are several in it and in what it is computed from."""
        me = self.find()
        if depth and "reduced" not in me.flags:
            me.flag("reduced")
            for source in me.sources:
                source.reduce(depth - 1)

    def literal(self, *values: Any) -> None:
        """The code compares the value with these."""
        me = self.find()
        for v in values:
            if not any(type(v) is type(w) and v == w for w in me.literals):
                me.literals.append(v)

    @property
    def elem(self) -> Shape:
        me = self.find()
        if me._elem is None:
            me._elem = me._part()
        return me._elem.find()

    @property
    def has_elem(self) -> bool:
        return self.find()._elem is not None

    @property
    def key(self) -> Shape:
        me = self.find()
        if me._key is None:
            me._key = Shape()
        return me._key.find()

    @property
    def index(self) -> Shape:
        me = self.find()
        if me._index is None:
            me._index = Shape()
        return me._index.find()

    @property
    def index_used(self) -> Shape | None:
        found = self.find()._index
        return found and found.find()

    @property
    def key_used(self) -> Shape | None:
        found = self.find()._key
        return found and found.find()

    @property
    def split(self) -> tuple[str | None, Shape] | None:
        return self.find()._split

    @property
    def as_text(self) -> Shape:
        """`str(x)`: what is known of the text tells about a value of which nothing else is known."""
        me = self.find()
        if me._as_text is None:
            me._as_text = Shape("str")
        return me._as_text.find()

    def settle(self) -> Shape:
        """Treat a value that is only ever written out as text as that text, where the code reads something in it."""
        me = self.find()
        text = me._as_text.find() if me._as_text is not None else me
        known = me.fields or me.attrs or me.items or me.linked or me.has_elem or me.value is not MISSING
        if text is me or known or any(weight > 0 for weight in me.votes.values()) or not text._is_read:
            return me
        me._as_text = None
        return me.unify(text)

    @property
    def _is_read(self) -> bool:
        """Whether the code looks for something in a text, looks for the text, or takes it apart."""
        sought = any(":" in flag for flag in self.flags) or any(isinstance(v, str) for v in self.literals)
        return sought or bool(self.linked) or self._split is not None

    def split_by(self, separator: str | None) -> Shape:
        """The parts of a text that is split."""
        me = self.find()
        me.vote("str", 2)
        if me._split is None:
            me._split = (separator, Shape("list").flag("parts"))
        return me._split[1].find()

    def field(self, name: str) -> Shape:
        """`x["name"]`."""
        me = self.find()
        if name not in me.fields:
            if name in me.written:
                return me.written[name].find()
            me.fields[name] = me._stated_value()
        return me.fields[name].find()

    def _stated_value(self) -> Shape:
        """A new value of the kind that an annotation gives the values of a dict: `dict[str, float]`."""
        made = Shape()
        if self._elem is not None and self.votes["dict"] >= STATED:
            for kind, weight in self._elem.find().votes.items():
                if weight >= STATED:
                    made.vote(kind, weight)
        return made

    def attr(self, name: str) -> Shape:
        me = self.find()
        if name in me.written:
            return me.written[name].find()
        return me.attrs.setdefault(name, Shape()).find()

    def item(self, k: int) -> Shape:
        """`x[0]`: a position known in the code."""
        me = self.find()
        if k not in me.items:
            me.items[k] = me._part()
        return me.items[k].find()

    def _part(self) -> Shape:
        """A new element, which is text if this is what a text was split into."""
        return Shape().flag("part") if "parts" in self.flags else Shape()

    def write(self, name: str, value: Shape) -> None:
        """The field is stored before it is read: it need not be there."""
        me = self.find()
        if name not in me.fields and name not in me.attrs:
            me.written[name] = value

    def link(self, other: Shape) -> None:
        """The two values are matched with one another: keys and what they are looked up in."""
        a, b = self.find(), other.find()
        if a is not b:
            a.linked.append(b)
            b.linked.append(a)

    def unify(self, other: Shape) -> Shape:
        """Treat both as one value."""
        a, b = self.find(), other.find()
        if a is b:
            return a
        b._merged = a
        a.votes.update(b.votes)
        a.flags |= b.flags
        a.literal(*b.literals)
        a.sources += b.sources
        a.inverse += b.inverse
        a.linked += b.linked
        a.cells |= b.cells
        a.along, a.down, a.across = a.along + b.along, a.down + b.down, a.across + b.across
        a.value = b.value if a.value is MISSING else a.value
        a.size = b.size if a.size is None else a.size
        a._split = a._split or b._split
        a._as_text = a._as_text or b._as_text
        for mine, theirs in ((a.fields, b.fields), (a.attrs, b.attrs), (a.written, b.written)):
            for name, shape in theirs.items():
                mine[name] = mine[name].unify(shape) if name in mine else shape
        for k, shape in b.items.items():
            a.items[k] = a.items[k].unify(shape) if k in a.items else shape
        for part in ("_elem", "_key", "_index"):
            x, y = getattr(a, part), getattr(b, part)
            if x is not None and y is not None:
                x.unify(y)
            setattr(a, part, x if x is not None else y)
        return a


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
