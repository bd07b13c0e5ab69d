"""Write the generated parts of the documentation: `python docs/generate.py`, from anywhere.

`docs/rules.md` and the page of each rule in `docs/rules/` come from the rule classes, the examples in `README.md` and
`docs/linter.md` from runs of deloop on `examples/`.
"""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from deloop.loops.obligations import REGISTRY
from deloop.loops.remarks import ADVICE
from deloop.reports.explain import DOCUMENTED, ONLY_FOUND, all_rules
from deloop.transforms.base import Documented, Example, Rule

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.md"
README = ROOT / "README.md"
LINTER = ROOT / "docs" / "linter.md"

_BLOCK = re.compile(r"(<!-- output of: deloop (?P<words>.*?) -->\n).*?(<!-- end of output -->\n)", re.DOTALL)


def rules_page() -> str:
    """The list of all rules, obligations and reasons."""
    parts = [
        "# Rules\n\nGenerated from the rule classes in `transforms/` by `python docs/generate.py`.\n",
        "\n".join(_rule_table()) + "\n",
        "## Assumptions\n",
        "What an unsafe form may need; its name is what `assume = [...]` in the configuration accepts.\n",
        "\n".join(_table(("name", "what has to hold"), ((f"`{n}`", text) for n, (text, _) in REGISTRY.items()))) + "\n",
        "## Reasons\n",
        "Why a loop is left alone, and what would change that.\n",
        "\n".join(_table(("reason", "what to do"), ((f"`{reason}`", text) for reason, text in ADVICE.items()))) + "\n",
    ]
    return "\n".join(parts)


def rule_pages() -> dict[Path, str]:
    """A page for each rule that has something to say."""
    return {_page_of(t.rule): "\n".join(_rule_page(t)).rstrip("\n") + "\n" for t in DOCUMENTED}


def _page_of(rule: Rule) -> Path:
    return RULES.with_suffix("") / f"{rule.code}.md"


def readme(text: str) -> str:
    """A document with the output of each command that it shows as that command gives it now."""
    return _BLOCK.sub(lambda block: f"{block[1]}{_shown(block['words'])}{block[3]}", text)


def _rule_table() -> Iterator[str]:
    titles = {transform.rule.code: _summary(transform) for transform in DOCUMENTED}
    rows = (
        (
            f"[{r.code}](rules/{r.code}.md)" if r.code in titles else r.code,
            r.name,
            str(r.severity),
            titles.get(r.code, ONLY_FOUND),
        )
        for r in all_rules()
    )
    return _table(("code", "name", "severity", "what it says"), rows)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row(("---",) * len(head))
    yield from map(_row, rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _summary(transform: type[Documented]) -> str:
    return _doc(transform).split("\n\n")[0].replace("\n", " ")


def _doc(transform: type[Documented]) -> str:
    return inspect.cleandoc(transform.__doc__ or "")


def _rule_page(transform: type[Documented]) -> Iterator[str]:
    rule = transform.rule
    yield f"# {rule.code} {rule.name}\n"
    yield f"Severity {rule.severity}. [All rules](../rules.md); `deloop explain {rule.code}` prints this page.\n"
    yield f"{_doc(transform)}\n"
    if transform.examples:
        yield "## Examples\n"
    for example in transform.examples:
        yield from _code(example)
        if example.after:
            yield f"becomes\n\n{_python(example.after)}\n"
    if transform.refused:
        yield "## Left alone\n"
    for example in transform.refused:
        yield from _code(example)
        if example.reason is not None:
            yield f"because of `{example.reason}`: {ADVICE[example.reason]}.\n"


def _code(example: Example) -> Iterator[str]:
    if example.note:
        yield f"{example.note[0].upper()}{example.note[1:]}:\n"
    yield f"{_python(example.before)}\n"


def _python(code: str) -> str:
    return f"```python\n{textwrap.dedent(code).strip(chr(10))}\n```"


def _shown(words: str) -> str:
    """A command and what it prints: the diff or the report, then what is said on stderr."""
    ran = subprocess.run(
        [sys.executable, "-m", "deloop", *shlex.split(words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    # what was measured on this machine is not for the documentation
    out = re.sub(r"^    measured: .*\n", "", ran.stdout, flags=re.MULTILINE)
    diff = f"```{'diff' if out.startswith('---') else 'text'}\n{out}```\n\n" if out else ""
    return f"```console\n$ deloop {words}\n```\n\n{diff}```text\n{ran.stderr}```\n"


def main() -> None:
    """Bring the files up to date."""
    shown = ((file, readme(file.read_text(encoding="utf-8"))) for file in (README, LINTER))
    pages = rule_pages()
    RULES.with_suffix("").mkdir(exist_ok=True)
    for old in set(RULES.with_suffix("").glob("*.md")) - set(pages):
        old.unlink()
    for file, text in ((RULES, rules_page()), *pages.items(), *shown):
        file.write_text(text, encoding="utf-8")
    print(f"written: {RULES.relative_to(ROOT)}, a page for each rule, {README.name}, {LINTER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
