"""The rounds of a loop as slices: which part of an array the reads at an offset visit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...loops.context import SiteContext
from ...loops.ir import Access, Const, Expr, Header, HeaderForm, Inv, Read, Sequence_, Span
from ...loops.literals import folded
from ...loops.remarks import Reason
from ..shared.build import attr, binop, call, clone, const, name, shifted, slice_
from .linear import LENGTH, Linear, linear
from .owners import columns_in, owner_of
from .spans import measures_an_array, symbolic_cut

if TYPE_CHECKING:
    from .lanes import Building


@dataclass(frozen=True)
class Rounds:
    """Which positions a loop visits: all of `table` (`span` None), or those of a range."""

    site: SiteContext
    header: Header
    span: Span | None
    table: Inv | None
    lag: Linear = field(default_factory=Linear)  # how far beside its own position a read looks, beyond its offset

    @classmethod
    def of(cls, site: SiteContext, header: Header) -> Rounds:
        if header.form is HeaderForm.POSITIONS:
            return cls(site, header, header.span, header.span.of if header.span else None)
        return cls(site, header, None, header.table)

    @property
    def start(self) -> int | None:
        """The first position, if it is a constant that is not negative."""
        if self.span is None:
            return 0
        first = self.span.first
        return first if first is not None and first >= 0 else None

    @property
    def first(self) -> Linear | None:
        """The first position, as a sum."""
        if self.span is None:
            return Linear()
        return linear(self.site, self.span.start.node) if isinstance(self.span.start, (Const, Inv)) else None

    @property
    def stated(self) -> int | None:
        """How many rounds there are, where the range says so in numbers."""
        if self.span is None or self.span.of is not None or self.span.stop is None or self.start is None:
            return None
        stop = folded(self.span.stop.node)
        return None if stop is None else max(stop - self.start, 0)

    @property
    def last(self) -> Linear | None:
        """The position behind the last one, as a sum."""
        if self.span is None:
            return None
        if self.span.of is None:
            return linear(self.site, self.span.stop.node) if self.span.stop is not None else None
        code = LENGTH + self.span.of.code
        return Linear(self.span.delta, ((code, 1),), {code: call("len", clone(self.span.of.node))})

    def whole(self, read: Read) -> bool:
        """Whether a read at offset 0 visits every element of its source, once and in order."""
        if self.header.form is HeaderForm.ELEMENTS:
            return read.name is not None and len(self.header.elements) >= 1
        if self.span is None:
            return self._same_table(read)
        return self.start == 0 and self.span.delta == 0 and self.span.of is not None and self._same_table(read)

    def is_measured(self, source: Inv) -> bool:
        """Whether the positions are those of an array, all of them or from some position on: none is past its end."""
        known = self.span is not None and self.span.of is not None and self.span.delta <= 0 and self.start is not None
        return known and self._same_table(Read(Sequence_(source), Access.INDEX))

    def _same_table(self, read: Read) -> bool:
        """As long as what is measured: it, a column of it, or an array that was taken out of it before."""
        if self.table is None:
            return False
        code = read.source.base.code
        return code == self.table.code or self._owner(read.source.base) == self._owner(self.table)

    def _owner(self, source: Inv) -> str:
        return owner_of(self.site, source)

    def cut(self, array: ast.expr, read: Read, code: Building) -> ast.expr:
        """The part of an array that a read visits, one element a round."""
        offset = read.offset
        if self.header.form is HeaderForm.ELEMENTS and read.name is not None:
            self.zipped(code)
            return array
        if self.header.form is HeaderForm.STRIDES:
            raise code.refuse("the positions are not visited one by one from the first on")
        if self.span is None:
            if offset or self.lag.terms or self.lag.const:
                raise code.refuse("a neighbour of the row is read", reason=Reason.OUT_OF_RANGE)
            if self.header.form is HeaderForm.ELEMENTS:
                return self._beside(array, read, code)
            if not self._same_table(read):
                code.owe("equal-lengths", read.source.code)
            return array
        return self._of_range(array, read, code)

    def _beside(self, array: ast.expr, read: Read, code: Building) -> ast.expr:
        """`x[i]` in a loop over the elements of something else."""
        first = self.header.elements[0] if self.header.elements else None
        if not isinstance(first, Read):
            raise code.refuse("the number of rounds is not known before the loop", reason=Reason.UNKNOWN_KIND)
        if self._owner(read.source.base) == self._owner(first.source.base):
            return array
        code.owe("long-enough", read.source.code)
        return slice_(array, None, call("len", _gone_through(first.source)))

    def zipped(self, code: Building) -> None:
        """zip stops at the shortest: columns of one frame are equally long, anything else has to be."""
        elements = self.header.elements
        if len(elements) > 1:
            for e in elements:  # also those that the body does not look at
                if isinstance(e, Read) and e.source.column is not None:
                    code.owe("columns-exist", e.source.code)
                    continue
                node = e.source.base.node if isinstance(e, Read) else e.node
                if code.site.kind(node) is None:
                    code.owe("sequence", ast.unparse(node))
                for asked in columns_in(node) if e not in self._read(code) else ():
                    code.owe("columns-exist", asked)
        owners = {self._column_owner(e) for e in elements}
        if len(elements) < 2 or (len(owners) == 1 and None not in owners):
            return
        for e in elements:
            code.owe("equal-lengths", e.source.code if isinstance(e, Read) else e.code)

    def _read(self, code: Building) -> set[Expr]:
        """The elements that the body looks at."""
        loop = code.loop
        values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
        return {x for e in (*values, *loop.finals.values()) for x in e.walk() if isinstance(x, Read)}

    def _column_owner(self, element: Read | Inv) -> str | None:
        """The frame that a column is of, or that an array was taken out of."""
        source = element.source.base if isinstance(element, Read) else element
        if isinstance(element, Read) and element.source.column is not None:
            return source.code
        owner = self._owner(source)
        return owner if owner != source.code else None

    def _of_range(self, array: ast.expr, read: Read, code: Building) -> ast.expr:
        span, offset = self.span, read.offset
        assert span is not None
        measured = span.of is None and self.last is not None and any(c.startswith(LENGTH) for c, _ in self.last.terms)
        if self.start is None or self.lag.terms or self.lag.const or measured:
            return symbolic_cut(self, array, read, code)
        lower = self.start + offset
        if lower < 0:
            return self._wrapped(array, read, code)
        if span.of is None or not self._same_table(read):
            return slice_(array, const(lower) if lower else None, self.end(offset, read.source.code, code))
        end = span.delta + offset
        if end > 0:
            raise code.refuse(
                f"`{read.source.code}` is read {end} past the end in the last round", reason=Reason.OUT_OF_RANGE
            )
        return slice_(array, const(lower) if lower else None, const(end) if end else None)

    def _wrapped(self, array: ast.expr, read: Read, code: Building) -> ast.expr:
        """x[i - 1] at i = 0 reads the last element."""
        span = self.span
        assert span is not None
        if read.access.by_label:
            raise code.refuse("a label before the first one is read, and raises", reason=Reason.OUT_OF_RANGE)
        if self.start == 0 and span.delta <= 0 and span.of is not None and read.offset == -1:
            rolled = code.numpy("roll", array, const(1))
            if not self._same_table(read):
                return slice_(rolled, None, self.end(0, read.source.code, code))
            return slice_(rolled, None, const(span.delta)) if span.delta else rolled
        raise code.refuse("a neighbour before the first element is read", reason=Reason.OUT_OF_RANGE)

    def positions(self, np: str, offset: int) -> ast.expr:
        """The positions that are visited, plus an offset."""
        arange = attr(name(np), "arange")
        if self.span is None:
            return shifted(call(arange, self.count()), offset)
        begin = self.span.start.node if isinstance(self.span.start, (Const, Inv)) else const(0)
        stop = self.stop()
        node = call(arange, stop) if self.start == 0 else call(arange, clone(begin), stop)
        return shifted(node, offset)

    def end(self, offset: int, source: str, code: Building) -> ast.expr:
        """Where a slice of a source ends at an offset: a range up to a negative number has no rounds."""
        span = self.span
        assert span is not None
        if span.of is None:
            assert span.stop is not None
            stop = shifted(clone(span.stop.node), offset)
            stated = span.stop.node.value if isinstance(span.stop.node, ast.Constant) else None
            known = isinstance(stated, int) and stated + offset >= 0
            known = known or (offset >= 0 and measures_an_array(self.site, span.stop))
            code.owe("long-enough", source)
            return stop if known else call("max", stop, const(0))
        end = span.delta + offset
        if end > 0 and code.depth:  # `if x[i]: out.append(y[i + 1])`: the last round may not get there
            message = f"`{source}` is read {end} past the length of the range, under a condition"
            raise code.refuse(message, reason=Reason.OUT_OF_RANGE)
        # Where the other one is shorter than what is taken off its length, both slices are empty if they are equal.
        code.owe("long-enough" if end >= 0 else "equal-lengths", source)
        return shifted(call("len", clone(span.of.node)), end)

    def stop(self) -> ast.expr:
        """Where the range ends."""
        assert self.span is not None
        if self.span.of is None:
            assert self.span.stop is not None
            return clone(self.span.stop.node)
        return shifted(call("len", clone(self.span.of.node)), self.span.delta)

    @property
    def counts(self) -> list[ast.expr]:
        """What is gone through element by element and is no column of a frame."""
        if self.span is not None or self.table is not None:
            return []
        elements = self.header.elements
        plain = [e for e in elements if not isinstance(e, Read) or e.source.column is None]
        return [e.source.base.node if isinstance(e, Read) else e.node for e in plain]

    def count(self) -> ast.expr:
        """The number of rounds."""
        if self.span is not None:
            if self.start == 0:
                # range() of a negative number has no rounds; only a length is never negative.
                known = (self.span.of is not None and self.span.delta >= 0) or (self.stated or 0) > 0
                return self.stop() if known else call("max", self.stop(), const(0))
            assert isinstance(self.span.start, (Const, Inv))
            return call("max", binop(self.stop(), ast.Sub(), clone(self.span.start.node)), const(0))
        if self.table is not None:
            return call("len", clone(self.table.node))
        first = self.header.elements[0]
        return call("len", _gone_through(first.source) if isinstance(first, Read) else clone(first.node))


def _gone_through(source: Sequence_) -> ast.expr:
    """What the header goes through, as it is written there: what a column that is missing raises is told by that."""
    base, column = clone(source.base.node), source.column
    match column:
        case Const(value=str(attribute)) if source.by_attribute:
            return attr(base, attribute)
        case Const(node=key) | Inv(node=key):
            return ast.Subscript(base, clone(key), ast.Load())
        case _:
            return base
