"""Pieces of code that fill lists, dicts and sets with what several lines of the body make."""

from __future__ import annotations

from .idioms_kept import KeptIdioms
from .shapes import Piece


class ListIdioms(KeptIdioms):
    """Bodies of several lines: names that are bound together, defaults that a condition overrides."""

    def _unpacked(self) -> Piece:
        """Several names bound by unpacking what is split or looked up."""
        s = self.scope
        source = s.pick("words", "words", "tuples", "column")
        if source == "words":
            s.need("words", "list", "text")
            line, word = "for w in words:", "w"
        else:
            s.need("df", "frame").columns |= {"side", "key"}
            tuples = source == "tuples"
            line, word = ("for r in df.itertuples():", "r.side") if tuples else ('for w in df["side"]:', "w")
        value = s.pick(
            f'{word}.split(" ")',
            f'({word} + " 5").split(" ", 1)',
            f"({word}, len({word}))",
            f'LIMITS.get({word}, (0, "z"))',
            f"list({word})",
        )
        body = [f"a, b = {value}"]
        if s.chance(0.4):
            body += [f"if {s.pick('a', 'a == b', 'b')}:", "    continue"]
        elif s.chance(0.3):
            body = [f"if {s.pick('len(' + word + ') > 1', 'not ' + word)}:", "    continue", *body]
        used = s.pick("b", "(a, b)", "b * 2", f"({word}, b)", "str(a)")
        if s.chance(0.5):
            start = s.pick('""', "None", "0")
            body += [f"flag = {start}"] if s.chance(0.8) else [f"flag = {s.pick('a', word)}"]
            body += [f"if {s.pick('b', 'a == b', 'flag == b')}:", f"    flag = {s.pick('1', 'b', 'flag')}"]
            if s.chance(0.4):
                body += [f"elif {word}:", "    flag = 2"]
            if s.chance(0.2):
                body += ["else:", "    flag = 3"]
            used = s.pick("flag", "(flag, b)", "(flag, flag, a)")
        match s.pick("list", "list", "dict", "set", "two"):
            case "dict":
                before, step, result = ["out = {}"], [f"out[{s.pick('a', 'b', word)}] = {used}"], "out"
            case "set":
                before, step, result = ["out = set()"], [f"out.add({used})"], "sorted(out, key=repr)"
            case "two":
                before, step = ["out = []", "more = []"], [f"out.append({used})", "more.append(a)"]
                result = "(out, more)"
            case _:
                before, step, result = ["out = []"], [f"out.append({used})"], s.pick("out", "out", "(out, b)")
        before = ['LIMITS = {"a": (1, 2), "k1": ("x", 3), "x y": "ab"}', *before]
        return Piece(before, [line, *(f"    {x}" for x in [*body, *step])], result)
