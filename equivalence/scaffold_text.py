"""A scaffold as the text of a pytest file."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from ..loops.obligations import Obligation
from ..sources.machine import processor
from .model import Verdict
from .scaffold_mark import about_line, sealed
from .scaffold_model import Pair, Subject

_COMPARED = ("element-types", "empty-type", "signed-zero", "pure-calls")
_WIDTH = 100
#: The speed-ups that tests ask for.
_SPEEDUPS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)


@dataclass(frozen=True)
class Inputs:
    """What a file tests on: the code of the `typical` inputs, of the `edges` ("" for none), the `sizes` of the former.

    `speedup` is how many times faster the new version has to be, None where that is not tested. `smallest` is the code
    of the inputs that refute other forms ("" for none).
    """

    typical: str
    edges: str
    sizes: Sequence[int]
    speedup: int | None = None
    smallest: str = ""


def minimum_speedup(measured: float | None) -> int | None:
    """What can be asked for on a busy machine, too: a round number at most a third of what was measured."""
    return max((n for n in _SPEEDUPS if measured is not None and n <= measured / 3), default=None)


def test_file(subject: Subject, pair: Pair, inputs: Inputs) -> str:
    """The whole file."""
    blocks = _code(pair, _docstring(subject, pair))
    options = _options(subject)
    call = f"testing.assert_equivalent({pair.old_name}, {pair.new_name}, *%s{options}{_keywords(pair)})"
    blocks += ["\n" + inputs.typical]
    blocks.append(
        f'\n@pytest.mark.parametrize("n", {list(inputs.sizes)})\ndef test_typical(n):\n' + _wrapped(call % "typical(n)")
    )
    if inputs.edges:
        blocks.append(f"\n{inputs.edges}")
        blocks.append(
            '\n@pytest.mark.parametrize("name", list(EDGES))\ndef test_edges(name):\n'
            + _wrapped(call % "EDGES[name]()")
        )
    if inputs.smallest:
        blocks.append(f"\n#: On each of these another form of the loop was found wrong.\n{inputs.smallest}")
        blocks.append(
            '\n@pytest.mark.parametrize("name", list(SMALLEST))\ndef test_smallest(name):\n'
            + _wrapped(call % "SMALLEST[name]()")
        )
    blocks.append(_speed_test(pair, inputs.speedup))
    text = "\n\n".join(block.rstrip("\n") for block in blocks) + "\n"
    return sealed(about_line(_plain(subject.name), subject.function) + text)


def recorded_file(subject: Subject, pair: Pair, region: str, left_out: Sequence[str]) -> str:
    """A file that runs both versions of a loop on what was recorded of it; its data stays where it is."""
    about = (
        _filled(f"Both versions of {_place(subject)} do the same on its real inputs, as `deloop record` kept them.")
        + "\n\n"
        + _filled(
            "The recorded data is not in this file: it is looked for in `.deloop/recordings`, here and in the folders "
            "above. Where nothing was recorded, nothing is tested."
        )
        + f"\n\n{_obliged(subject)}\n"
    )
    names = ", ".join(f'"{name}"' for name in pair.parameters) + ("," if len(pair.parameters) == 1 else "")
    left = f", left_out={list(left_out)!r}".replace("'", '"') if left_out else ""
    found = f'\nRECORDED = testing.recorded(\n    "{region}", ({names}), __file__{left}\n)'
    given = f"{pair.old_name}, {pair.new_name}, *RECORDED[name]()"
    call = f"testing.assert_equivalent({given}{_options(subject)}{_keywords(pair)})"
    test = f'\n@pytest.mark.parametrize("name", list(RECORDED))\ndef test_recorded(name):\n{_wrapped(call)}'
    text = "\n\n".join(block.rstrip("\n") for block in [*_code(pair, about), found, test]) + "\n"
    return sealed(about_line(_plain(subject.name), subject.function) + text)


def _code(pair: Pair, about: str) -> list[str]:
    """What stands above the tests: imports, helpers, the versions."""
    head = ["import numpy as np", "import pandas as pd", "import pytest", *_others(pair)]
    user = [line for line in pair.imports if _is_other(line)]
    kept = "\n".join([*sorted(dict.fromkeys(h for h in head if not h.startswith("from __future__"))), ""])
    blocks = [f'"""{about}"""', f"{kept}\nfrom deloop import testing"]
    if pair.load:
        blocks.append(pair.load)
    if user:
        blocks.append("\n".join(dict.fromkeys(f"{line}  # noqa: E402" for line in user)))
    for piece in [*pair.preamble, pair.old, pair.new]:
        if piece:
            blocks.append(("\n" if _is_definition(piece) else "") + piece + _not_a_test(piece))
    return blocks


def _speed_test(pair: Pair, speedup: int | None) -> str:
    least = f", at_least={speedup}" if speedup is not None else ""
    call = f"testing.assert_faster({pair.old_name}, {pair.new_name}, typical{least}{_keywords(pair)})"
    told = "fails where that is not at least a third of what was measured" if least else "nothing is asserted"
    text = f"How many times faster the new version is: `pytest -s` shows it, {told}."
    return (
        "\n@pytest.mark.benchmark\ndef test_speed():\n"
        + "\n".join(textwrap.wrap(f'"""{text}"""', _WIDTH, initial_indent="    ", subsequent_indent="    "))
        + "\n"
        + _wrapped(call)
    )


def todo_file(subject: Subject, why: str) -> str:
    """A test that is skipped, and says what a person has to do."""
    reason = f"TODO: {why}"
    text = (
        f'{about_line(_plain(subject.name), subject.function)}"""{_head(subject)}\n\n{_obliged(subject)}\n"""\n\n'
        "import pytest\n\n\n"
        f"def test_{_identifier(subject)}():\n"
        "    # TODO: make inputs for the loop, and compare both versions with `deloop.testing.assert_equivalent`.\n"
        f"    pytest.skip({_quoted(reason)})\n"
    )
    return sealed(text)


def _docstring(subject: Subject, pair: Pair) -> str:
    paragraphs = [_head(subject)]
    if pair.imported:
        write = "deloop fix --write --unsafe" if subject.unsafe else "deloop fix --write"
        paragraphs.append(
            _filled(
                f"`{pair.old_name}` is the function as it was; the new version is imported from {subject.name}. "
                f"Until the rewrite is applied there (`{write}`) that is still the same code, and the tests pass "
                "trivially; from then on they compare."
            )
        )
    else:
        paragraphs.append(
            _filled(
                f"Both versions of the loop are kept here, outlined: `{pair.old_name}` as it was, `{pair.new_name}` as "
                "proposed. What the loop reads are parameters, what is used after it is returned. The code in your "
                f"file is not called: {subject.why_outlined}."
            )
        )
    return "\n\n".join([*paragraphs, _obliged(subject)]) + "\n"


def _head(subject: Subject) -> str:
    rules = ", ".join(dict.fromkeys(c.rule for c in subject.changes))
    lines = ", ".join(str(c.line) for c in subject.changes)
    what = "The loop" if len(subject.changes) == 1 else "The loops"
    place = f"{subject.name}, line{'s' if len(subject.changes) > 1 else ''} {lines}"
    title = f"{what} of {_owner(subject)} and the rewrite by {rules} do the same ({place})."
    return "\n".join([_filled(title), "", _filled(_verdict(subject))])


def _owner(subject: Subject) -> str:
    return f"`{subject.function}`" if subject.function != "<module>" else "the script"


def _place(subject: Subject) -> str:
    return f"the loop of {_owner(subject)} ({_plain(subject.name)}, line {subject.line})"


def _verdict(subject: Subject) -> str:
    versions = next((c.versions for c in subject.changes if c.versions), "")
    if all(c.verdict is Verdict.VERIFIED for c in subject.changes):
        return f"Written by deloop, which verified it with {versions} on {processor()}."
    return "Written by deloop, which could not verify it" + (f" with {versions} on {processor()}." if versions else ".")


def _obliged(subject: Subject) -> str:
    obligations: tuple[Obligation, ...] = subject.obligations
    if not obligations and not subject.granted:
        return "Nothing is assumed: the same behaviour whatever the data."
    lines = ["Assumed, so inputs that break it are not among those below:"]
    for o in (*obligations, *subject.granted):
        lines += textwrap.wrap(_plain(f"{o.name}: {o.text}"), _WIDTH, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(lines)


def _filled(text: str) -> str:
    return "\n".join(textwrap.wrap(_plain(text), _WIDTH, break_long_words=False, break_on_hyphens=False))


def _plain(text: str) -> str:
    """Text that can stand in a docstring."""
    text = text.replace("\\", "/").replace('"""', "'''")
    return "".join(c if c.isprintable() else " " for c in text)


def _quoted(text: str) -> str:
    return ascii(text) if not text.isprintable() else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _options(subject: Subject) -> str:
    tolerances = [c.tolerance for c in subject.changes if c.tolerance is not None]
    assumed = sorted({o.name for o in (*subject.obligations, *subject.granted)} & set(_COMPARED))
    rtol = f", rtol={max(tolerances):g}" if tolerances else ""
    names = ", ".join(f'"{a}"' for a in assumed) + ("," if len(assumed) == 1 else "")
    return rtol + (f", assume=({names})" if assumed else "")


def _keywords(pair: Pair) -> str:
    return f", keywords={list(pair.keywords)!r}".replace("'", '"') if pair.keywords else ""


def _wrapped(call: str) -> str:
    if len(call) + 4 <= _WIDTH:
        return f"    {call}"
    function, _, rest = call.partition("(")
    return f"    {function}(\n        {rest[:-1]}\n    )"


def _others(pair: Pair) -> list[str]:
    return [line for line in pair.imports if not _is_other(line)]


def _is_other(line: str) -> bool:
    """Imports of anything but the standard library, NumPy and pandas stand below, where the user's folder is known."""
    node = ast.parse(line).body[0]
    module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name  # type: ignore[attr-defined]
    top = module.split(".")[0]
    return top not in sys.stdlib_module_names and top not in ("numpy", "pandas")


def _is_definition(piece: str) -> bool:
    return bool(re.match(r"(#.*\n)*(@|def |class |async def )", piece))


def _not_a_test(piece: str) -> str:
    """The user's own names that pytest would take for tests."""
    try:
        tree = ast.parse(piece)
    except SyntaxError:
        return ""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [s.name for s in tree.body if isinstance(s, definitions) and s.name.startswith(("test", "Test"))]
    return "".join(f"\n\n\n{name}.__test__ = False  # not a test" for name in names)


def _identifier(subject: Subject) -> str:
    return re.sub(r"\W+", "_", subject.function).strip("_").lower() or "loop"
