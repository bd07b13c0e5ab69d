"""Why a site is left alone: the fixed list of reasons, and the refusal that carries one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The fixed list. The value is what JSON carries; `ADVICE` says what the user could change."""

    SIDE_EFFECT = "side-effect"  # printing, plotting, files, network in the body
    UNKNOWN_CALL = "unknown-call"  # a call that may do anything
    CARRIED_STATE = "carried-state"  # a value carried from one iteration to the next
    EARLY_EXIT = "early-exit"  # break, return, for/else
    EXCEPTION_HANDLING = "exception-handling"  # try in the body, or a partial result seen by a handler
    ALIASED = "aliased"  # the list or frame is visible under another name while it is filled
    READS_OWN_OUTPUT = "reads-own-output"  # what is built is read in the loop
    MUTATES_INPUT = "mutates-input"  # what is iterated or read changes in the body
    UNKNOWN_KIND = "unknown-kind"  # not known whether a name is a frame, an array or a list
    LABEL_READ = "label-read"  # df["c"][i] reads a label, and labels are not known to be positions
    ROW_ESCAPES = "row-escapes"  # the row object itself is passed on
    CHAINED_ASSIGNMENT = "chained-assignment"  # df["c"][i] = v may write to a copy
    OUT_OF_RANGE = "out-of-range"  # x[i + 1] may leave the range and raise
    VALUE_READ_LATER = "value-read-later"  # the loop variable or a temporary is read after the loop
    SCOPE = "scope"  # class body, locals(), nonlocal, closures, await, yield
    SHADOWED_NAME = "shadowed-name"  # len, range, np... are not what they look like
    PRAGMA_COMMENT = "pragma-comment"  # comments that steer tools (type, noqa, fmt) on the lines that would go
    UNSUPPORTED_SYNTAX = "unsupported-syntax"  # a statement or target that is not lifted yet
    NO_GAIN = "no-gain"  # a rewrite exists but would not be faster or clearer
    REFUTED = "refuted"  # our own rewrite was refuted: a bug of deloop


ADVICE: dict[Reason, str] = {
    Reason.SIDE_EFFECT: "compute first and print, plot or write afterwards; or allow it with --side-effects",
    Reason.UNKNOWN_CALL: "make the helper a small pure function of this project, so that it can be inlined",
    Reason.CARRIED_STATE: "no array form is known; read the columns before the loop, or compile it (numba)",
    Reason.EARLY_EXIT: "split the search from the work",
    Reason.EXCEPTION_HANDLING: "move the try out of the loop, or into a helper",
    Reason.ALIASED: "build the list under one name",
    Reason.READS_OWN_OUTPUT: "keep the state in a scalar and append that",
    Reason.MUTATES_INPUT: "collect the changes and apply them after the loop",
    Reason.UNKNOWN_KIND: "annotate the parameter (pd.DataFrame, pd.Series, np.ndarray, list)",
    Reason.LABEL_READ: "read by position with .iloc, or reset_index(drop=True) first",
    Reason.ROW_ESCAPES: "pass the values that are needed instead of the row",
    Reason.CHAINED_ASSIGNMENT: "store with df.loc[row, column]; today the store may be lost",
    Reason.OUT_OF_RANGE: "end the range where the last neighbour is",
    Reason.VALUE_READ_LATER: "compute what is needed after the loop from its inputs",
    Reason.SCOPE: "move the loop into a function of its own",
    Reason.SHADOWED_NAME: "rename the variable that hides the builtin or module",
    Reason.PRAGMA_COMMENT: "remove the marker comment, or move it off the loop",
    Reason.UNSUPPORTED_SYNTAX: "write it in simpler steps",
    Reason.NO_GAIN: "nothing to do",
    Reason.REFUTED: "please report it: deloop's own rewrite was wrong",
}


@dataclass(frozen=True)
class Refusal:
    """Why a site is not rewritten: the reason, the line that blocks it, one sentence.

    `hint` is what the user could change here, where more can be said than `ADVICE` says of the reason. `settled` says
    that it holds of the loop itself, whatever other rules say; `unnamed`, that only a name for what is computed once
    and used several times is missing; `together`, that only names for what is unpacked are.
    """

    reason: Reason
    line: int
    message: str
    hint: str = ""
    settled: bool = False
    unnamed: bool = False
    together: bool = False

    @property
    def advice(self) -> str:
        """What the user could change to unblock it."""
        return self.hint or ADVICE[self.reason]
