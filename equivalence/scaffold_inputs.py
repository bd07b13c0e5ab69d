"""The inputs of a scaffold as code: a function that makes typical arguments of any size, and the edge cases."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..codemods.render import render_expr

Described = dict[str, Any]

_WIDTH = 100
#: Names of cases that need no place.
_EVERYWHERE = ("floats", "integers", "empty", "one row", "two rows", "one more column")
_EMPTY = re.compile(r"pd\.array\(\[\], dtype=.*\)|\[\]")


def typical_function(parameters: Sequence[str], typical: dict[str, Described], grows: bool = True) -> str:
    """`def typical(n, seed=0)`. With `grows` False the arguments are those that the verifier made, whatever `n`."""
    lines = ["def typical(n, seed=0):", '    """Typical arguments; what has rows has `n` of them."""']
    values = {name: _value(typical[name], grows) for name in parameters}
    if any("rng." in v for v in values.values()):
        lines.append("    rng = np.random.default_rng(seed)")
    names = {name: _local(name) for name in parameters}
    lines += [laid_out(f"{names[name]} = ", value, "    ") for name, value in values.items()]
    lines.append(f"    return {_tuple([names[name] for name in parameters])}")
    return "\n".join(lines)


def edge_cases(parameters: Sequence[str], cases: Sequence[Described]) -> str:
    """`EDGES = {...}`: a function without arguments for each case, so that every test gets fresh values.

    Frames and long values of the first case are constants above it; other cases say what is different in theirs.
    """
    base = {name: cases[0]["inputs"][name] for name in parameters} if cases else {}
    shared = {name: _constant(name) for name in parameters if _is_shared(base.get(name, ""))}
    lines = [laid_out(f"{constant} = ", base[name], "") for name, constant in shared.items()]
    lines += ["", "EDGES = {"] if shared else ["EDGES = {"]
    for name, case in labelled(parameters, cases):
        values = [_value_of(case["inputs"][p], base[p], shared.get(p, "")) for p in parameters]
        lines.append(laid_out(f"{_text(name)}: lambda: ", _tuple(values), "    ", ","))
    return "\n".join([*lines, "}"])


def smallest_cases(parameters: Sequence[str], found: Sequence[tuple[str, str]]) -> dict[str, str]:
    """For each refuted form the arguments that show it, as the code of a tuple; those of other parameters left out."""
    cases: dict[str, str] = {}
    for form, code in found:
        try:
            statements = ast.parse(code).body
        except SyntaxError:  # cut short
            continue
        values = {
            s.targets[0].id: ast.unparse(s.value)
            for s in statements
            if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
        }
        if parameters and set(values) == set(parameters) and len(values) == len(statements):
            cases.setdefault(form, _tuple([values[p] for p in parameters]))
    return cases


def smallest_dict(cases: Mapping[str, str]) -> str:
    """`SMALLEST = {...}`: a function without arguments for each case."""
    lines = [laid_out(f"{_text(name)}: lambda: ", value, "    ", ",") for name, value in cases.items()]
    return "\n".join(["SMALLEST = {", *lines, "}"])


def labelled(parameters: Sequence[str], cases: Sequence[Described]) -> list[tuple[str, Described]]:
    """The cases with names that say what is odd where; each name once."""
    found: dict[str, Described] = {}
    for case in cases:
        name = case["name"]
        changed = [p for p in parameters if case["inputs"][p] != cases[0]["inputs"][p]]
        if len(changed) == 1 and name not in _EVERYWHERE:
            name = f"{name} in {_where(changed[0], case['inputs'][changed[0]], cases[0]['inputs'][changed[0]])}"
        numbers = (name if k == 1 else f"{name}, {k}" for k in range(1, len(cases) + 2))
        found[next(n for n in numbers if n not in found)] = case
    return list(found.items())


def _where(parameter: str, code: str, base: str) -> str:
    """The only column that differs, else the parameter."""
    mine, theirs = _frame_parts(code), _frame_parts(base)
    if mine is None or theirs is None or list(mine[0]) != list(theirs[0]) or mine[1] != theirs[1]:
        return parameter
    columns = [c for c in mine[0] if mine[0][c] != theirs[0][c]]
    return str(ast.literal_eval(columns[0])) if len(columns) == 1 else parameter


def _is_shared(code: str) -> bool:
    return len(code) > 24 and not code.startswith("iter(")


def _value_of(code: str, base: str, constant: str) -> str:
    """The value as a change of the constant, where it is one."""
    if constant and code == base:
        return constant
    mine, theirs = _frame_parts(code), _frame_parts(base)
    if not constant or mine is None or theirs is None or list(mine[0])[: len(theirs[0])] != list(theirs[0]):
        return code
    if list(mine[0]) == list(theirs[0]) and all(_EMPTY.fullmatch(v) for v in mine[0].values()):
        return f"{constant}.iloc[:0]" if not mine[1] else code
    changed = {ast.literal_eval(c): v for c, v in mine[0].items() if v != theirs[0].get(c)}
    if (len(changed) > 1 and len(changed) * 2 > len(mine[0])) or (theirs[1] and not mine[1]):
        return code
    if not all(isinstance(c, str) and "'" not in c and "\\" not in c for c in changed):
        return code
    labels = f".set_axis({mine[1]})" if mine[1] != theirs[1] else ""
    return f"{constant}{_assigned(changed)}{labels}"


def _assigned(changed: dict[str, str]) -> str:
    """`.assign(...)` of some columns."""
    if not changed:
        return ""
    if all(c.isidentifier() and not keyword.iskeyword(c) and c != "self" for c in changed):
        return f".assign({', '.join(f'{c}={v}' for c, v in changed.items())})"
    return f".assign(**{{{', '.join(f'{c!r}: {v}' for c, v in changed.items())}}})"


def _frame_parts(code: str) -> tuple[dict[str, str], str] | None:
    """Columns and index of `pd.DataFrame({...}, index=...)` as code; None for anything else."""
    node = ast.parse(code, mode="eval").body
    match node:
        case ast.Call(func=ast.Attribute(attr="DataFrame"), args=[ast.Dict(keys=keys, values=values)], keywords=more):
            if all(k is not None for k in keys) and all(k.arg == "index" for k in more):
                columns = {ast.unparse(k): ast.unparse(v) for k, v in zip(keys, values, strict=True) if k is not None}
                return columns, ast.unparse(more[0].value) if more else ""
    return None


def _constant(parameter: str) -> str:
    """The name of the constant that holds the frame for a parameter."""
    return f"SMALL_{parameter.strip('_').upper()}"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text.isprintable() else ascii(text)


def laid_out(start: str, value: str, indent: str, end: str = "") -> str:
    """A line `start + value + end`, or several when it is too long for one."""
    node = ast.parse(value, mode="eval").body
    column = len(indent) + len(start)
    text = render_expr(node, width=_WIDTH, indent=indent, column=column, suffix=end)
    return f"{indent}{start}{text}{end}"


def _local(name: str) -> str:
    """Arguments called like something that the function itself uses get another name there."""
    return f"{name}_" if name in ("n", "seed", "rng", "np", "pd", "testing") else name


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(values)}{',' if len(values) == 1 else ''})"


def _value(described: Described, grows: bool) -> str:
    if described["is"] == "length" and grows:
        return "n"
    if described["is"] != "table" or not grows:
        return str(described["code"])
    columns = [(name, _column(c)) for name, c in described["columns"]]
    index = f", index={_index(described['index'])}" if described["index"] else ""
    return _table(described, columns, index)


def _table(described: Described, columns: list[tuple[str, str]], index: str) -> str:
    form, first = described["form"], columns[0][1]
    names, made = [name for name, _ in columns], [expression for _, expression in columns]
    lists = ", ".join(_as_list(c) for c in made)
    match form:
        case "frame":
            return f"pd.DataFrame({{{', '.join(f'{name}: {c}' for name, c in columns)}}}{index})"
        case "series":
            name = f", name={described['name']!r}" if described["name"] is not None else ""
            return f"pd.Series({first}{index}{name})"
        case "array":
            return f"np.array({first})" if _is_list(first) else first
        case "matrix":
            return f"np.column_stack([{', '.join(made)}])"
        case "tuples":
            rows = f"zip({lists})"
        case "records":
            items = ", ".join(f"{name}: v{k}" for k, name in enumerate(names))
            targets = ", ".join(f"v{k}" for k in range(len(names))) + ("," if len(names) == 1 else "")
            rows = f"({{{items}}} for {targets} in zip({lists}))"
        case "iterator":
            return f"iter({_as_list(first)})"
        case _:
            rows = _as_list(first)
    if described["tuple"]:
        return f"tuple({rows})"
    return rows if rows.startswith("[") or form == "list" else f"list({rows})"


def _as_list(column: str) -> str:
    return column if _is_list(column) else f"{column}.tolist()"


def _is_list(column: str) -> bool:
    return column.endswith("[:n]")


def _index(column: Described) -> str:
    if column["kind"] == "str" and not column["free"]:
        return _repeated(column)
    if column["kind"] == "str":
        return '[f"r{k}" for k in range(n)]'
    return _column(column)


def _column(column: Described) -> str:
    """Values of one column: random ones in the range of the typical ones, or those again and again."""
    values: list[str] = column["values"]
    kind = column["kind"]
    if not values:
        return "np.zeros(n)"
    if kind == "datetime" and column["rising"] and column["free"]:
        return 'pd.date_range("2024-01-01", periods=n, freq="h")'
    if not column["free"] or kind not in ("float", "int", "bool", "str"):
        return _repeated(column)
    if kind == "bool":
        return "(rng.random(n) < 0.5)"
    if kind == "str":
        return f"rng.choice([{', '.join(dict.fromkeys(values))}], n)"
    numbers = [ast.literal_eval(v) for v in values if _is_number(v)]
    if len(numbers) < len(values):
        return _repeated(column)
    low, high = min(numbers), max(numbers)
    if kind == "int":
        return f"rng.integers({low}, {high + 1}, n)"
    return f"rng.uniform({round(float(low), 2)}, {round(float(high) + 0.01, 2)}, n).round(3)"


def _repeated(column: Described) -> str:
    return f"([{', '.join(column['values'])}] * n)[:n]"


def _is_number(text: str) -> bool:
    try:
        return isinstance(ast.literal_eval(text), (int, float))
    except ValueError:
        return False
