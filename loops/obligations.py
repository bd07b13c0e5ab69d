"""Obligations: what a rewrite needs and the code alone can't prove.

An obligation is shown to the reviewer, tested by the verifier and written into the scaffold. Its `name` is what the
configuration accepts (`assume = ["no-overflow"]`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: name -> (what has to hold, tags of verifier inputs that break it). A tag ending in `*` is a prefix.
REGISTRY: dict[str, tuple[str, tuple[str, ...]]] = {
    "numeric-columns": (
        "the columns read exist even in an empty frame, once each, and hold plain NumPy numbers "
        "(no truth values, objects, extension types, categories or dates)",
        (
            "dtype:object",
            "dtype:Int64",
            "dtype:Float64",
            "dtype:boolean",
            "dtype:category",
            "dtype:datetime",
            "dtype:tz",
            "dtype:str",
            "value:none",
            "dtype:bool",
            "value:bool",
            "columns:missing",
            "columns:optional",
            "columns:duplicated",
        ),
    ),
    "numpy-columns": (
        "the columns read exist even in an empty frame, once each, and are no nullable extension types or categories",
        (
            "dtype:Int64",
            "dtype:Float64",
            "dtype:boolean",
            "dtype:category",
            "columns:missing",
            "columns:optional",
            "columns:duplicated",
        ),
    ),
    "date-columns": (
        "what dates (or spans of time) are read from is a column or an index of pandas' own type for them (no "
        "objects), and is there even in an empty frame",
        ("dtype:object", "dtype:str", "columns:missing", "columns:optional", "type:*"),
    ),
    "truth-of-dates": (
        "no date is asked whether it is true (in an array, the first of January 1970 is not)",
        ("dtype:datetime", "dtype:tz"),
    ),
    "plain-values": (
        "what is added up or changed by `+=` and its like are numbers, text or tuples, no lists or arrays, nor the "
        "several rows of one label: it makes a new value, and changes none in place",
        ("type:nested", "type:unhashable", "type:array", "ndim:2", "value:nested", "rows:arrays", "index:duplicated"),
    ),
    "scalars": (
        "what is the same on every round is one number of Python's own, truth value, date or text (array code would "
        "take an array or a list element by element), and no property that changes",
        ("type:*", "ndim:2", "value:numpy-scalar"),
    ),
    "number-or-row": (
        "what rows are computed with on every round is one number, or a one-dimensional array of them",
        ("type:*", "ndim:2", "value:none", "dtype:object", "dtype:str", "dtype:datetime", "value:nested"),
    ),
    "numeric-start": (
        "what the loop starts from, or takes over beside what it computes, is a plain number (no truth value)",
        ("value:none", "value:no-argument", "value:bool", "type:*", "dtype:object", "dtype:str"),
    ),
    "numeric-arrays": (
        "what is indexed is a one-dimensional NumPy array of numbers (no list, no truth values or dates)",
        (
            *("type:*", "dtype:object", "dtype:datetime", "dtype:str", "value:none", "dtype:bool", "value:bool"),
            *(
                "ndim:2",
                "rows:arrays",
                "index:*",
                "dtype:category",
                "dtype:Int64",
                "dtype:Float64",
                "dtype:boolean",
                "dtype:tz",
            ),
        ),
    ),
    "numeric-lists": (
        "the lists that are read hold numbers of one kind (no truth values, text, dates or None, nothing nested)",
        (
            *("type:*", "dtype:object", "dtype:datetime", "dtype:str", "value:none", "value:nat", "dtype:bool"),
            *("value:bool", "value:nested", "value:bigint", "ndim:2", "index:*"),
        ),
    ),
    "numeric-dicts": (
        "the dicts that are looked up hold numbers of one kind (no truth values, text, dates or None, nothing nested)",
        (
            *("type:*", "dtype:object", "dtype:datetime", "dtype:str", "value:none", "value:nat", "dtype:bool"),
            *("value:bool", "value:nested", "value:bigint", "ndim:2"),
        ),
    ),
    "numeric-matrices": (
        "what is indexed by two numbers, or reduced row by row, is a two-dimensional NumPy array of numbers (no truth "
        "values), wide enough",
        (
            *("type:*", "dtype:object", "dtype:datetime", "dtype:str", "value:none", "dtype:bool", "value:bool"),
            *("dtype:category", "dtype:Int64", "dtype:Float64", "dtype:boolean", "dtype:tz", "ndim:1", "index:*"),
        ),
    ),
    "columns-exist": (
        "the columns read exist, once each, even in an empty frame",
        ("columns:missing", "columns:optional", "columns:duplicated"),
    ),
    "single-columns": (
        "each column name stands for one column: a cell has a method called that adds up or compares several values, "
        "or elements that are looked into",
        ("columns:duplicated",),
    ),
    "plain-text": ("text columns hold str only, no missing values", ("value:none", "value:nan-text", "dtype:object")),
    "no-none": ("no None among the values (a missing value is NaN)", ("value:none", "dtype:object")),
    "plain-rows": (
        "no row of the frame is all text, all dates or all durations but for missing values: iterrows converts "
        "such a row as a whole (a NaN beside a date becomes NaT)",
        (
            "value:none",
            "value:nat",
            "dtype:Int64",
            "dtype:Float64",
            "dtype:boolean",
            "dtype:object",
            "dtype:datetime",
            "dtype:tz",
            "rows:dates-and-missing",
        ),
    ),
    "numpy-rows": (
        "no column of the frame is of a nullable type (a row of numbers beside one has NA for NaN, and numbers of "
        "Python's)",
        ("dtype:Int64", "dtype:Float64", "dtype:boolean"),
    ),
    "no-missing": (
        "no NaN, None, NA or NaT among the values",
        ("value:nan", "value:none", "value:nat", "value:nan-text", "dtype:Int64", "dtype:Float64"),
    ),
    "no-overflow": (
        "integer results fit in 64 bits (a loop over Python ints never overflows)",
        ("value:bigint", "dtype:uint8", "dtype:int32"),
    ),
    "no-zero-division": ("no divisor is zero (the loop would raise ZeroDivisionError)", ("value:zero", "value:-0.0")),
    "finite": (
        "no NaN, infinity or None among the values (windows with any are missing where pandas goes through them)",
        ("value:nan", "value:none", "value:nat", "value:inf", "dtype:Int64", "dtype:Float64"),
    ),
    "in-domain": (
        "arguments of powers and math functions stay in their domain (the loop would raise ValueError, OverflowError)",
        ("value:negative", "value:zero", "value:-0.0", "value:inf", "value:huge", "value:nan"),
    ),
    "element-types": ("nothing downstream tells a NumPy scalar from a Python number, or 1 from 1.0", ("*",)),
    "empty-type": ("nothing depends on the element type of an empty result", ("n=0", "branch:none")),
    "float64": (
        "numbers are 64 bits wide, and integers signed",
        ("dtype:float32", "dtype:int32", "dtype:uint8", "dtype:uint64"),
    ),
    "float-order": (
        "float sums may be added in another order (relative difference about 1e-12, more where large ones cancel out)",
        ("value:huge", "value:inf", "value:nan", "value:tiny", "value:bigint"),
    ),
    "own-codemod": ("the codemod does what is wanted: it is yours, and deloop knows nothing of it", ()),
    "last-bits": (
        "NumPy's exp, log, power and trigonometry may differ from math's in the last bits, and pandas 2's "
        "total_seconds of a column from that of one span",
        (),
    ),
    "signed-zero": ("0.0 and -0.0 are not told apart", ("value:-0.0",)),
    "columns-stored": (
        "the columns that are stored into exist and can hold the values",
        ("columns:missing", "columns:optional", "dtype:*"),
    ),
    "plain-columns": (
        "the columns taken over exist and hold 64-bit numbers, booleans, text or dates "
        "(no objects, categories, extension types or narrower numbers, and no text or dates missing in all rows)",
        (
            "dtype:object",
            "dtype:category",
            "dtype:Int64",
            "dtype:Float64",
            "dtype:boolean",
            "dtype:float32",
            "dtype:int32",
            "dtype:uint8",
            "value:none",
            "column:all-missing",
            "columns:missing",
            "columns:optional",
            "columns:duplicated",
        ),
    ),
    "no-upcast": (
        "rows keep integers: beside its numbers the frame holds text or dates, or its numbers (those of categories, "
        "too) are of one type",
        ("rows:upcast", "dtype:category"),
    ),
    "frame-columns": ("what columns are taken from by name is a DataFrame, no dict or group of tables", ("type:*",)),
    "likely-types": (
        "what the loop reads is what its uses and the calls in this file make it look like (an array, a Series, a "
        "DataFrame)",
        ("type:*", "ndim:2"),
    ),
    "some-rows": (
        "there is at least one row (and for `apply` one column), or element (over none, `apply` gives something of "
        "another type, and `np.vectorize` and `max` raise)",
        ("n=0",),
    ),
    "rows-gathered": (
        "at least one row is gathered (of none, `np.array` makes an array without columns, and `np.vstack` raises)",
        ("n=0", "gathered:none"),
    ),
    "text-names": ("column names are text", ("columns:numbered",)),
    "one-column": ("the column that is stored into is named by a text (no list of columns)", ("columns:numbered",)),
    "distinct-names": ("the names of the joined columns don't collide", ("columns:duplicated",)),
    "range-index": ("row labels are 0, 1, 2, ... in order", ("index:*",)),
    "unique-index": ("row labels are unique", ("index:duplicated",)),
    "unique-keys": ("keys of the table that is looked up are unique", ("keys:repeated", "index:duplicated")),
    "plain-keys": (
        "keys are no booleans (`.loc` takes those for a mask)",
        ("dtype:bool", "dtype:boolean", "value:bool"),
    ),
    "matching-keys": (
        "keys are numbers, text or dates of the kind that the key column holds (`==` finds text equal to a date, or "
        "one list equal to another; a look-up does not)",
        ("type:*", "dtype:datetime", "dtype:tz", "dtype:float32", "dtype:object", "value:bigint", "value:nested"),
    ),
    "hashable-keys": (
        "what is looked for, and what it is looked for in, are numbers, text, dates or tuples of them: they can be "
        "hashed, and equal ones have equal hashes",
        ("type:unhashable", "type:nested", "value:nested", "type:array", "type:frame", "type:iterator"),
    ),
    "group-keys": (
        "the column that is grouped by holds no missing values (integers would come back as floats) and no categories, "
        "and the index has no level of its name",
        (
            *("value:nan", "value:none", "value:nat", "value:nan-text", "dtype:category", "dtype:Int64"),
            *("dtype:Float64", "dtype:boolean", "dtype:object"),
        ),
    ),
    "own-pieces": (
        "what is joined are numbers, or arrays of them that nobody changes before the loop is over (no other objects)",
        ("type:iterator", "value:bigint", "value:none", "dtype:object", "dtype:category", "value:mixed"),
    ),
    "like-pieces": (
        "what is joined are frames of their own, which nobody changes later, and a column (or the labels) that several "
        "of them have is of one type in all",
        ("type:*", "value:none", "pieces:unlike"),
    ),
    "keys-present": ("every key that is looked up is there (the loop would raise)", ("keys:absent",)),
    "sorted-index": (
        "the index that is looked up is sorted and unique, and none of categories or extension types (these know no "
        "nearest label)",
        ("index:permuted", "index:duplicated", "keys:repeated", "dtype:category", "dtype:Float64", "dtype:Int64"),
    ),
    "some-rounds": (
        "what is the same on every round can be computed even if there is none (`prices[0]` of an empty list)",
        ("n=0", "n=1", "n=2", "n=3", "branch:none"),
    ),
    "sequence": ("what is iterated can be iterated again (a list or an array, not an iterator)", ("type:iterator",)),
    "positive-offsets": (
        "lags, the first positions of rounds, lengths of windows and numbers of draws are at least 1",
        ("value:zero", "value:negative", "value:-0.0"),
    ),
    "numpy-generator": (
        "what numbers are drawn from is a generator of NumPy (`default_rng`, `RandomState`), no subclass",
        ("type:*",),
    ),
    "flat-pool": (
        "what is drawn from is a list, a column or an array of one dimension, with numbers or texts of one kind",
        ("ndim:2", "type:*", "value:nested", "value:none", "value:bigint", "dtype:object"),
    ),
    "numeric-pool": (
        "what is drawn from is a list, a column or an array of numbers (no truth values), in one dimension",
        (
            *("ndim:2", "type:*", "value:nested", "value:none", "value:bigint", "value:bool"),
            *("dtype:object", "dtype:str", "dtype:bool", "dtype:boolean"),
        ),
    ),
    "window-memory": (
        "all windows fit in memory side by side: as many elements as rounds times the length of a window",
        (),
    ),
    "integer-positions": (
        "positions that are stored into are integers, at least one (a bool is a mask, an empty list holds floats, a "
        "row of integers beside floats, too)",
        ("n=0", "branch:none", "dtype:*", "type:*", "value:none", "value:bool", "value:nested", "rows:upcast"),
    ),
    "like-elements": (
        "what is stored are numbers, or texts, of one kind, no lists or arrays (a list of them is made an array first)",
        (
            *("type:nested", "type:unhashable", "value:nested", "value:bigint", "value:none", "dtype:object"),
            "index:duplicated",
        ),
    ),
    "like-rows": (
        "a column of the rows that are added holds values of one type (truth values are none of numbers), no lists or "
        "arrays, and no row a missing value beside dates alone (it was made dates as a whole)",
        (
            *("type:nested", "type:unhashable", "value:nested", "value:bigint", "value:none", "value:nat"),
            *("value:bool", "dtype:bool", "dtype:boolean"),
            *("dtype:object", "rows:dates-and-missing", "value:mixed"),
        ),
    ),
    "fitting-values": (
        "what is stored fits the type of the array: no NaN or infinity in one of integers, no number beyond its range "
        "(the loop would raise ValueError or OverflowError half way), no text, list or array",
        (
            *("value:nan", "value:none", "value:nat", "value:inf", "value:huge", "value:bigint", "value:negative"),
            *("value:nested", "type:*", "dtype:object", "dtype:str", "dtype:uint8", "dtype:int32", "dtype:uint64"),
        ),
    ),
    "own-memory": (
        "the array that is stored into shares no memory with what else is read (later rounds would read what earlier "
        "ones stored)",
        (),
    ),
    "writable": (
        "the array that is stored into can be written to (columns that pandas 3 hands out as arrays can't be: the loop "
        "raises at its first store, if there is one)",
        (),
    ),
    "set-order": (
        "nothing depends on the order in which a set is gone over (which is arbitrary, but may become another)",
        (),
    ),
    "distinct-positions": (
        "no position is stored into twice (NumPy does not promise which of the values stays)",
        ("keys:repeated",),
    ),
    "equal-lengths": ("the sequences read together are equally long", ("lengths:unequal",)),
    "long-enough": (
        "what is read or stored into by position reaches as far as the positions go (the loop would raise IndexError "
        "half way)",
        ("lengths:unequal", "raises"),
    ),
    "no-exceptions": ("no element raises (the loop would have stopped half way)", ("raises",)),
    "one-exception": ("if elements raise, which of two exceptions comes first does not matter", ("raises",)),
    "pure-calls": ("the functions called in the loop have no side effects and don't depend on the order", ()),
    "no-override": ("no subclass or instance replaces the methods that the loop calls on itself", ()),
    "no-subclass": ("frames and series are plain pandas objects, not subclasses with their own behaviour", ()),
    "small-integers": ("integers mixed with floats stay below 2**53", ("value:bigint",)),
}

#: Tags of inputs on which no rewrite is judged: what deloop takes for granted everywhere, and its documentation says
#: so.
#: A column name stands for one column of the frame.
TAKEN_FOR_GRANTED: tuple[str, ...] = ("columns:duplicated",)


@dataclass(frozen=True)
class Obligation:
    """One named assumption about one or more names of the code.

    `subjects` are the expressions that it is about, as written in the code (`'bars["open"]'`, `'df.index'`); `partly`
    says that it is also about values that the code has no words for.
    """

    name: str
    subjects: tuple[str, ...] = ()
    partly: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.name not in REGISTRY:
            raise ValueError(f"unknown obligation {self.name!r}")

    @property
    def text(self) -> str:
        """One sentence for the reviewer."""
        what = REGISTRY[self.name][0]
        return f"{what}: {', '.join(self.subjects)}" if self.subjects else what

    def broken_by(self, tag: str) -> bool:
        """Whether an input with this tag violates the assumption, so that a difference there is no refutation."""
        return any(tag == t or (t.endswith("*") and tag.startswith(t[:-1])) for t in REGISTRY[self.name][1])
