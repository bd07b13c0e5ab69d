"""What `test_harness.py` needs: the cases of all rules, and a rule's answer to one of them."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deloop.codemods.engine import Options, Project, scan
from deloop.codemods.find import expressions_in
from deloop.codemods.findings import Finding
from deloop.codemods.place import Placed, TextEdit, place
from deloop.equivalence.model import Trial
from deloop.loops.context import FileContext, Refused, SiteContext
from deloop.loops.header import lift_header
from deloop.loops.implicit import ImplicitSite, implicit_site, lift_implicit
from deloop.loops.ir import Loop
from deloop.loops.lift import lift
from deloop.loops.remarks import Reason, Refusal
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite, Transform
from deloop.transforms.registry import TRANSFORMS

FIXTURES = Path(__file__).parent / "fixtures"
ENDINGS = ("_before.py", "_refused.py")


@dataclass(frozen=True)
class Case:
    """One example of a rule, from its class or from a file. `after` is empty where the rule refuses for `reason`."""

    id: str
    transform: type[Transform]
    before: str
    after: str = ""
    reason: Reason | None = None
    file: Path | None = None
    naive: str = ""

    @property
    def source(self) -> SourceFile:
        return SourceFile.from_bytes(Path("example.py"), self.before.encode())


@dataclass(frozen=True)
class Answer:
    """The first form of one rule for one site, put in its place."""

    finding: Finding
    form: Rewrite
    placed: Placed


def rewritten_cases() -> list[Case]:
    """The examples and the fixture pairs that are rewritten."""
    return [case for case in _cases() if case.reason is None]


def refused_cases() -> list[Case]:
    """The examples and fixtures that are refused."""
    return [case for case in _cases() if case.reason is not None]


@cache
def _cases() -> tuple[Case, ...]:
    return tuple(case for transform in TRANSFORMS for case in (*_examples(transform), *_fixtures(transform)))


def _examples(transform: type[Transform]) -> Iterator[Case]:
    code = transform.rule.code
    for kind, examples in (("rewritten", transform.examples), ("refused", transform.refused)):
        for number, example in enumerate(examples, 1):
            yield Case(
                f"{code}-{kind}-{number}",
                transform,
                _plain(example.before),
                _plain(example.after),
                example.reason,
                naive=_plain(example.naive),
            )


def _fixtures(transform: type[Transform]) -> Iterator[Case]:
    code = transform.rule.code
    for file in sorted((FIXTURES / code).glob("*.py")):
        text = file.read_bytes().decode()
        if file.name.endswith("_before.py"):
            after = file.with_name(file.name.replace("_before.py", "_after.py"))
            yield Case(
                f"{code}-{file.stem}",
                transform,
                text,
                after.read_bytes().decode() if after.exists() else "",
                file=after,
            )
        elif file.name.endswith("_refused.py"):
            reason = Reason(text.split("\n", 1)[0].removeprefix("# refused: "))
            yield Case(f"{code}-{file.stem}", transform, text, "", reason, file=file)


def _plain(code: str) -> str:
    return textwrap.dedent(code).strip("\n") + "\n" if code else ""


def answers(case: Case, source: SourceFile | None = None) -> list[Answer]:
    """What the rule of the case does to each site of the file, found by the engine as always."""
    source = source or case.source
    tree = parse(source)
    found = []
    options = Options(numba=case.transform.rule.code == "DL114")
    for finding in scan(source, Project(), options, tree=tree):
        form = next((f for f in finding.forms if f.rule.code == case.transform.rule.code), None)
        if form is None:
            continue
        placed = place(source.text, tree, form.edits, form.imports)
        if not any(_meet(placed, other.placed) for other in found):  # of a nest, the loop around
            found.append(Answer(finding, form, placed))
    return found


def applied(source: SourceFile, found: list[Answer]) -> SourceFile:
    """The file with all of them done."""
    edits: set[TextEdit] = {edit for answer in found for edit in answer.placed.text_edits}
    return source.with_text_edits(sorted(edits))


def refusals(case: Case) -> list[Refusal]:
    """What the rule alone says of each loop that it does not rewrite."""
    source = case.source
    tree = parse(source)
    file = FileContext.build("example.py", source.text, tree)
    loops = (n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While))
    sites = [SiteContext.build(file, n) for n in loops if not case.transform.expressions]
    if case.transform.expressions:
        made = (implicit_site(file, node, stmt) for node, stmt, _ in expressions_in(tree, source.text))
        sites += [site for site in made if site is not None]
    said = (_alone(case.transform, site) for site in sites)
    return [answer for answer in said if isinstance(answer, Refusal)]


def _alone(transform: type[Transform], site: SiteContext) -> object:
    loop = lift_implicit(site) if isinstance(site, ImplicitSite) else lift(site)
    why = loop if isinstance(loop, Refusal) else loop.escapes
    if transform.needs_body:
        return loop if isinstance(loop, Refusal) else transform().rewrite(site, loop) or why
    idiom = transform()
    idiom.numba = True
    if isinstance(loop, Refusal) or why is not None:
        try:
            loop = Loop(lift_header(site), (), {}, {})
        except Refused as refused:
            return refused.refusal
    return idiom.rewrite(site, loop)


def best_step(source: SourceFile) -> SourceFile:
    """The file with the best form of each site applied, in file order, as far as they don't touch the same lines."""
    tree = parse(source)
    taken: list[Answer] = []
    for finding in scan(source, Project(), Options(), tree=tree):
        if not finding.forms:
            continue
        form = finding.forms[0]
        placed = place(source.text, tree, form.edits, form.imports)
        if not any(_meet(placed, other.placed) for other in taken):
            taken.append(Answer(finding, form, placed))
    return applied(source, taken)


def _meet(one: Placed, other: Placed) -> bool:
    return one.before_lines[0] <= other.before_lines[1] and other.before_lines[0] <= one.before_lines[1]


def trial(key: str, case: Case, answer: Answer) -> Trial:
    """The question to the verifier, as `deloop fix` puts it."""
    form, placed = answer.form, answer.placed
    return Trial(
        key=key,
        before=case.source.text,
        after=placed.text,
        before_lines=placed.before_lines,
        after_lines=placed.after_lines,
        obligations=(*form.obligations, *form.granted),
        hints=answer.finding.hints,
        tolerance=form.tolerance,
    )


def naive_trial(case: Case) -> Trial:
    """The question whether a refused loop and its naive rewrite do the same: the bodies of their last functions."""
    return Trial(case.id, case.before, case.naive, _body_lines(case.before), _body_lines(case.naive))


def _body_lines(text: str) -> tuple[int, int]:
    """The lines of a function without its final return, which is the same in both."""
    body = ast.parse(text).body[-1].body  # type: ignore[attr-defined]
    last = body[-2] if isinstance(body[-1], ast.Return) and len(body) > 1 else body[-1]
    return body[0].lineno, last.end_lineno


def comments(text: str) -> list[str]:
    """The comments of a file, sorted: a rewrite may move them."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)
