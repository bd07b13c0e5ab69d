"""What calls of functions tell about the values they are made with."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any

from .names import FUNCTIONS, OPEN, dotted
from .preamble import ModuleNames
from .shapes import MISSING, STATED, Shape
from .tables import ARRAY_OF, BUILTIN_NUMBER, MISSING_TESTS, PANDAS_OF, REDUCTIONS
from .usage_draws import drawn
from .usage_methods import Methods
from .usage_spans import counted, written_span
from .usage_texts import (
    ISO,
    SEARCHES,
    compiled,
    dated,
    matched,
    named_parts,
    numbers_of,
    of_path,
    of_text,
    path_object,
    read_number,
)

_DEPTH = 4


class Calls(Methods):
    """The part of the walk that looks at calls."""

    def ev_Call(self, node: ast.Call) -> Shape:
        """A call of anything."""
        func = node.func
        known = self._known_function(func)
        if known is not None:
            return self._inline(known, node)
        if isinstance(func, ast.Name):
            if func.id in self.env:
                return self._call_value(self.env[func.id], node)
            if func.id in self.names.imports:
                return self._module_call(self.names.imports[func.id], node)
            return self._builtin(func.id, node)
        if isinstance(func, ast.Attribute):
            root = dotted(func).split(".")[0]
            if root and root in self.names.imports and root not in self.env:
                return self._module_call(self.names.imports[root] + dotted(func)[len(root) :], node)
            return self.method(func, node)
        self.ev(func)
        self.arguments_of(node)
        return Shape()

    # functions of the project

    def _known_function(self, func: ast.expr) -> ast.AST | None:
        if isinstance(func, ast.Name):
            if func.id in self.local_functions:
                return self.local_functions[func.id]
            return self._defined(func.id) if func.id not in self.env else None
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            owner = func.value.id
            definition = self._defined(self.class_name if owner in ("self", "cls") else owner)
            if definition is None and owner not in self.env and (link := self.names.link(owner)) and not link.name:
                return self._home(link.module, func.attr)
            if isinstance(definition, ast.ClassDef):
                return next((s for s in definition.body if isinstance(s, FUNCTIONS) and s.name == func.attr), None)
        return None

    def _defined(self, name: str) -> ast.AST | None:
        """A function or class of the file, or of another module of the project."""
        return self._home(self.names, name)

    def _home(self, names: ModuleNames, name: str) -> ast.AST | None:
        found = names.function(name)
        if found is None:
            return None
        module, node = found
        if module is not self.names:
            parts = node.body if isinstance(node, ast.ClassDef) else [node]
            self.homes |= dict.fromkeys(parts, module)
        return node

    def _inline(self, function: ast.AST, node: ast.Call) -> Shape:
        arguments = [self.ev(a) for a in node.args if not isinstance(a, ast.Starred)]
        starred = [self.ev(a) for a in node.args if isinstance(a, ast.Starred)]
        keywords = {k.arg: self.ev(k.value) for k in node.keywords if k.arg}
        if not isinstance(function, FUNCTIONS) or function.name in self.stack or len(self.stack) >= _DEPTH:
            return Shape()
        formal = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
        decorators = {d.id for d in function.decorator_list if isinstance(d, ast.Name)}
        bound: dict[str, Shape] = {}
        if formal[:1] in (["self"], ["cls"]) and "staticmethod" not in decorators:
            receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
            bound[formal.pop(0)] = self.ev(receiver) if receiver is not None else Shape()
        bound |= dict(zip(formal, arguments, strict=False))
        for shape in starred:
            for k, name in enumerate(formal[len(arguments) :]):
                bound[name] = shape.item(k)
        bound |= {k: v for k, v in keywords.items() if k}
        constants = {
            n: self.const(a) for n, a in zip(formal, node.args, strict=False) if isinstance(self.const(a), str)
        }
        return self.run(function, bound, constants)

    def run(self, function: Any, bound: dict[str, Shape], constants: dict[str, Any]) -> Shape:
        """Walk a function's body with its parameters bound; the shape of what it returns."""
        saved = self.env, self.constants, self.returned, self.names
        self.names = self.homes.get(function, self.names)
        self.env, self.constants, self.returned = dict(bound), dict(constants), []
        self.stack.append(function.name)
        self.defaults(function)
        self.block(function.body)
        results = self.returned
        self.stack.pop()
        self.env, self.constants, self.returned, self.names = saved
        informative = [r for r in results if r.value is MISSING]
        if len(informative) == 1:
            return informative[0]
        merged = Shape()
        for r in informative:
            merged.sources.append(r)
            for k, item in r.items.items():
                merged.item(k).sources.append(item)
        return merged

    def apply(self, function: ast.expr, element: Shape, second: Shape | None = None) -> Shape:
        """Call a function value with an element: `map(f, xs)`, `s.apply(lambda v: ...)`."""
        if isinstance(function, ast.Name) and self._known_function(function) is not None:
            target = self._known_function(function)
            if isinstance(target, FUNCTIONS) and target.name not in self.stack and len(self.stack) < _DEPTH:
                formal = [a.arg for a in target.args.args]
                return self.run(target, dict(zip(formal, [element, second or Shape()], strict=False)), {})
            return Shape()
        shape = self.ev(function)
        code = shape.value if isinstance(shape.value, ast.Lambda) else None
        if code is None:
            if isinstance(function, ast.Name) and function.id in ("int", "float", "str", "abs", "len"):
                return self._convert(function.id, element)
            return Shape()
        saved = dict(self.env)
        for parameter, value in zip(code.args.args, [element, second or Shape()], strict=False):
            self.env[parameter.arg] = value
        result = self.ev(code.body)
        self.env = saved
        return result

    def _call_value(self, shape: Shape, node: ast.Call) -> Shape:
        arguments = self.arguments_of(node)
        if isinstance(shape.value, ast.Lambda):
            saved = dict(self.env)
            for parameter, value in zip(shape.value.args.args, arguments, strict=False):
                self.env[parameter.arg] = value
            result = self.ev(shape.value.body)
            self.env = saved
            return result
        shape.vote("callable", 5)
        return Shape()

    # builtins

    def _builtin(self, name: str, node: ast.Call) -> Shape:
        if name in ("map", "filter") and len(node.args) == 2:
            source = self.ev(node.args[1])
            result = Shape("list")
            given = self.apply(node.args[0], self.iterate(source))
            result.elem.unify(given if name == "map" else source.elem)
            return result
        arguments = self.arguments_of(node)
        if name == OPEN and name in self.globals:
            return self._lines(arguments)
        if not arguments:
            return Shape({"list": "list", "dict": "dict", "set": "set", "str": "str"}.get(name, ""))
        first = arguments[0].find()
        if name in ("int", "float", "str", "bool", "len", "abs", "round", "ord"):
            if name == "round" and len(node.args) > 1 and self.const(node.args[1]) is MISSING:
                arguments[1].vote("index", 3).flag("small")
            return self._convert(name, first)
        if name == "range":
            return self._range(node, arguments)
        if name == "enumerate":
            result = Shape("list")
            result.elem.items[0] = Shape("index").flag("position")
            result.elem.items[1] = self.iterate(first)
            if len(arguments) > 1:
                arguments[1].vote("index")
            return result
        if name == "zip":
            result = Shape("list")
            for k, shape in enumerate(arguments):
                result.elem.items[k] = self.iterate(shape)
            if len(arguments) == 2 and "columns of" in first.flags:
                result.flag("by column").sources = first.sources
            elif len(arguments) == 2 and "parts" in first.flags and arguments[1].find() is first:
                result.flag("by name").sources = [first]
            return result
        if name in ("list", "tuple", "sorted", "reversed", "iter", "set", "frozenset"):
            return self._collect(name, node, first)
        if name in ("sum", "min", "max", "any", "all"):
            return self._reduce(name, arguments)
        if name == "next":
            if not first.sources:
                first.vote("iterator", 3)
            return first.elem
        if name == "isinstance" and len(node.args) == 2:
            self._isinstance(first, node.args[1])
        if name == "getattr" and len(arguments) > 1:
            return self._getattr(first, self.const(node.args[1]), arguments[1])
        if name == "dict" and "by column" in first.flags:
            return first.sources[0]  # `dict(zip(df.columns, df.values.T))` has what the table has
        if name == "dict" and "by name" in first.flags:
            return named_parts(first.sources[0])
        if name == "dict":
            return first if first.votes["dict"] or node.keywords else self._pairs(first)
        if name == "print":
            return Shape()
        if name in BUILTIN_NUMBER:
            first.vote("number")
        return Shape()

    def _lines(self, arguments: list[Shape]) -> Shape:
        """`open(path)`: gone through, it gives lines of text."""
        for path in arguments[:1]:
            path.vote("str", 0.5)
        files = self.globals[OPEN].vote("files", STATED)
        files.elem.vote("str", 2)
        result = Shape("list")
        result._elem = files.elem
        return result

    def _pairs(self, first: Shape) -> Shape:
        """`dict(pairs)`."""
        result = Shape("dict", 2)
        pair = self.iterate(first)
        result.key.unify(pair.item(0))
        result.elem.unify(pair.item(1))
        return result

    def _convert(self, name: str, first: Shape) -> Shape:
        if name in ("float", "int"):
            return read_number(name, first)
        if name == "len":
            first.flag("len")
            result = Shape("index", 0.5).flag("position", "length of")
            result.sources = [first]
            return result
        if name in ("abs", "round"):
            first.vote("number", 0.5)
            result = Shape("number", 0.3)
            result.sources = [first]
            return result
        if name == "ord":
            first.vote("str")
        if name == "str" and first.value is MISSING:
            return first if first.votes["str"] else first.as_text
        return Shape({"str": "str", "bool": "bool"}.get(name, ""))

    def _range(self, node: ast.Call, arguments: list[Shape]) -> Shape:
        result = Shape("list")
        result.elem.vote("index").flag("position")
        if positions := counted([self.const(a) for a in node.args]):
            result.elem.flag("counted").literal(*positions)
        for k, shape in enumerate(arguments):
            if self.const(node.args[k]) is MISSING:
                shape.vote("index", 2).flag(
                    "step" if k == 2 else "length" if k == len(arguments) - 1 or k == 1 else "small"
                )
        return result

    def _collect(self, name: str, node: ast.Call, first: Shape) -> Shape:
        for keyword in node.keywords:
            if keyword.arg == "key":
                self.apply(keyword.value, self.iterate(first))
        result = Shape("set" if name in ("set", "frozenset") else "list")
        result._elem = self.iterate(first)
        result.sources = [first]
        result.flag(*(first.flags & {"columns of"}))
        return result

    def _reduce(self, name: str, arguments: list[Shape]) -> Shape:
        if len(arguments) == 1:
            element = self.iterate(arguments[0])
            if name in ("sum", "min", "max") and not element.votes["str"]:
                element.vote("number", 0.4)
            return element
        for shape in arguments:
            if shape.value is MISSING:
                shape.vote("number", 0.4)
        result = Shape("number", 0.2)
        result.sources = [s for s in arguments if s.value is MISSING]
        return result

    def _getattr(self, owner: Shape, name: Any, given: Shape) -> Shape:
        """`getattr(row, "name")`, or with each of the names that a loop goes over."""
        names = [name] if isinstance(name, str) else [v for v in given.literals if isinstance(v, str)]
        found = [owner.field(n) if "row" in owner.flags else owner.attr(n) for n in names]
        result = found[0] if found else Shape()
        for other in found[1:]:
            result.sources.append(other)
        return result

    def _isinstance(self, shape: Shape, kind: ast.expr) -> None:
        for part in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
            name = dotted(part).rsplit(".", 1)[-1]
            if name in ("str", "int", "float", "list", "dict", "bool"):
                shape.vote(name, 0.3)

    # NumPy, pandas, math and the like

    def _module_call(self, full: str, node: ast.Call) -> Shape:
        module, _, name = full.rpartition(".")
        top = full.split(".")[0]
        arguments = self._arguments_for(name, node)
        first = arguments[0].find() if arguments else Shape()
        if top == "math" or top == "cmath":
            for shape in arguments:
                shape.vote("number")
            if name == "isnan":
                first.flag("missing")
            return Shape("number")
        if top == "datetime":
            pattern = self.const(node.args[1]) if name == "strptime" and len(node.args) > 1 else ISO
            return self._moment(self._datetime_call(name, first, pattern), name, node)
        if top == "pandas":
            return self._pandas_call(name, node, first)
        if top == "numpy":
            return self._numpy_call(module, name, node, arguments)
        if top == "random" or name in ("Random", "RandomState", "default_rng"):
            return Shape("rng")
        if top in ("itertools", "collections", "more_itertools", "tqdm"):
            return self._itertools(name, arguments)
        if top == "re" and node.args:
            pattern = self.const(node.args[0])
            return matched(name, pattern, arguments[1:]) if name in SEARCHES else compiled(pattern)
        if top == "copy":
            return first
        if top == "csv" and name in ("reader", "DictReader"):
            return self._table_of(first, node, by_name=name == "DictReader")
        if (text := of_text(full, arguments)) is not None:
            return text
        if module in ("os.path", "posixpath", "ntpath"):
            return of_path(name, arguments)
        if top == "pathlib" and name in ("Path", "PurePath", "PurePosixPath"):
            return path_object(arguments)
        if full == "time.strptime":
            dated(first.vote("str", 2), self.const(node.args[1]) if len(node.args) > 1 else None)
        return Shape()

    def _table_of(self, lines: Shape, node: ast.Call, by_name: bool) -> Shape:
        """`csv.reader(lines)`: the parts of each; `csv.DictReader(lines)`: by the names in the first."""
        written = next((self.const(k.value) for k in node.keywords if k.arg == "delimiter"), ",")
        result = Shape("list")
        result._elem = parts = self.iterate(lines).split_by(written if isinstance(written, str) else ",")
        parts.flag("quoted")
        if by_name:
            named_parts(parts)
        return result

    def _arguments_for(self, name: str, node: ast.Call) -> list[Shape]:
        if name in ("vectorize", "apply_along_axis"):
            return [Shape()]
        return self.arguments_of(node)

    def _datetime_call(self, name: str, first: Shape, pattern: Any) -> Shape:
        if name in ("strptime", "fromisoformat"):
            dated(first.vote("str", 2), pattern)
            return Shape("datetime")
        return Shape("timedelta" if name == "timedelta" else "date" if name in ("date", "today") else "datetime")

    def _counted(self, node: ast.expr) -> Any:
        """A number that is written out, or a product of such and what arguments are by default: `30 * months`."""
        match node:
            case ast.Name(id=id_) if id_ in self.env and self.env[id_].value is not MISSING:
                return self.env[id_].value
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                a, b = self._counted(left), self._counted(right)
                return a * b if isinstance(a, (int, float)) and isinstance(b, (int, float)) else MISSING
        return self.const(node)

    def _moment(self, shape: Shape, name: str, node: ast.Call) -> Shape:
        """A date that the code names is one to compare with."""
        parts = [self.const(a) for a in node.args]
        if (span := written_span(name, node, self._counted)) is not None:
            shape.literal(span)
        try:
            if name in ("Timestamp", "fromisoformat", "to_datetime") and len(parts) == 1 and isinstance(parts[0], str):
                shape.literal(dt.datetime.fromisoformat(parts[0]))
            elif name in ("datetime", "date", "Timestamp") and len(parts) > 2 and not node.keywords:
                shape.literal(dt.datetime(*parts))
        except (TypeError, ValueError, OverflowError):
            return shape
        return shape

    def _pandas_call(self, name: str, node: ast.Call, first: Shape) -> Shape:
        if name in MISSING_TESTS:
            (first.elem if first.has_elem or first.votes["series"] else first).flag("missing")
            return Shape("bool")
        if name in ("Timestamp", "to_datetime"):
            if first.value is MISSING and not first.has_elem:
                first.vote("datetime", 0.5)
                dated(first, next((self.const(k.value) for k in node.keywords if k.arg == "format"), ISO))
            return first if first.has_elem else self._moment(Shape("datetime"), name, node)
        if name == "Timedelta" or name == "to_timedelta":
            return self._moment(Shape("timedelta"), name, node)
        if name == "to_numeric":
            return numbers_of(first)
        if name.startswith("read_"):
            return Shape("frame", 5)
        if name == "DataFrame":
            return first if first.votes["frame"] else Shape("frame", 2)
        if name in PANDAS_OF:
            result = Shape("series", 2)
            result._elem = self.iterate(first)
            return result
        if name == "concat":
            first.vote("list", 1)
            first.elem.vote("frame", 1)
            return Shape("frame", 2)
        if name in ("qcut", "cut"):
            first.vote("series", 1)
        if name == "merge" and len(node.args) > 1:
            return self._merge(first, self.ev(node.args[1]), node)
        return Shape()

    def _numpy_call(self, module: str, name: str, node: ast.Call, arguments: list[Shape]) -> Shape:
        first = arguments[0].find() if arguments else Shape()
        if "random" in module or name == "default_rng":
            if name not in ("default_rng", "seed", "RandomState", "Generator"):
                return drawn(name, arguments, {k.arg: self.ev(k.value) for k in node.keywords})
            for shape in arguments:
                if shape.value is MISSING:
                    shape.vote("index", 1).flag("small")
            return Shape("rng") if name != "seed" else Shape()
        if name in ARRAY_OF:
            if first.has_elem or first.votes or first.fields:
                return first
            first.vote("list", 0.3).flag("array-like")
            return first
        if name in ("zeros", "ones", "empty", "full", "arange"):
            for k, shape in enumerate(arguments[:1] if name != "arange" else arguments):
                for length in [shape, *shape.items.values()]:
                    if k == 0 and "length of" not in length.flags and length.value is MISSING:
                        length.vote("index", 2).flag("length")
            result = Shape("ndarray", 2)
            result.elem.vote("number", 0.5)
            return result.flag("2d") if name != "arange" and len(first.items) == 2 else result
        if name in ("zeros_like", "ones_like", "empty_like", "full_like"):
            first.vote("ndarray", 0.5)
            return Shape("ndarray", 2)
        if name == "sliding_window_view":  # has rows, and what it is made of has none
            first.vote("ndarray", 0.5)
            return Shape("ndarray", 2)
        if name in ("where", "select"):
            return arguments[1] if len(arguments) > 1 else first
        if name in ("isnan", "isfinite", "isinf"):
            first.vote("number", 1)
            (first.elem if first.has_elem else first).flag("missing")
            return Shape("bool")
        reduces = name in REDUCTIONS or name in ("norm", "percentile", "nanmean", "nansum", "cumsum", "cumprod")
        if arguments and reduces and first.value is MISSING and self.along_rows(first, node):
            return Shape("ndarray")
        if arguments and reduces:
            first.reduce()
        if name in ("dot", "vdot", "inner", "matmul"):
            for shape in arguments:
                shape.vote("ndarray", 1).reduce()
        for shape in arguments:
            if shape.value is not MISSING:
                continue
            target = shape.elem if shape.has_elem else shape
            target.vote("number", 0.7)
        if name in REDUCTIONS or name in ("interp", "searchsorted", "percentile", "nanmean", "nansum"):
            if name in ("interp",) and len(arguments) > 2:
                for table in arguments[1:3]:
                    table.vote("ndarray", 1)
            return Shape("number")
        result = Shape("number", 0.5)
        result.sources = list(arguments)
        if first.has_elem:
            result._elem = Shape("number")
        return result

    def _itertools(self, name: str, arguments: list[Shape]) -> Shape:
        first = arguments[0].find() if arguments else Shape()
        if name in ("defaultdict", "OrderedDict", "Counter"):
            return Shape("dict", 2)
        if name == "deque":
            return Shape("list")
        result = Shape("list")
        if name in ("pairwise", "combinations", "product", "permutations", "zip_longest"):
            parts = arguments if len(arguments) > 1 and name in ("product", "zip_longest") else [first, first]
            for k, shape in enumerate(parts):
                result.elem.items[k] = self.iterate(shape)
            return result
        result._elem = self.iterate(first)
        return result
