"""What calls tell about the values they are made with."""

from __future__ import annotations

import ast
from typing import Any

from .names import FUNCTIONS, dotted
from .preamble import ModuleNames
from .shapes import MISSING, Shape
from .tables import (
    ARRAY_OF,
    BUILTIN_NUMBER,
    DATE_METHODS,
    DATE_TO_INT,
    DELTA,
    FRAME_ONLY,
    GENERATOR_METHODS,
    LIST_METHODS,
    MISSING_TESTS,
    PANDAS_OF,
    PANDAS_ONLY,
    REDUCTIONS,
    SAME,
    TEXT,
    TEXT_TO_BOOL,
    TEXT_TO_INT,
    TEXT_TO_PARTS,
    TO_SEQUENCE,
)

_DEPTH = 4


class Calls:
    """The part of the walk that looks at calls."""

    names: ModuleNames
    env: dict[str, Shape]
    globals: dict[str, Shape]
    constants: dict[str, Any]
    class_name: str
    stack: list[str]
    returned: list[Shape]
    local_functions: dict[str, ast.AST]

    def ev(self, node: ast.expr | None) -> Shape:
        raise NotImplementedError

    def block(self, stmts: list[ast.stmt]) -> None:
        raise NotImplementedError

    def bind(self, target: ast.expr, shape: Shape, value: ast.expr | None = None) -> None:
        raise NotImplementedError

    def iterate(self, shape: Shape) -> Shape:
        raise NotImplementedError

    def const(self, node: ast.AST | None) -> Any:
        raise NotImplementedError

    def compared(self, shape: Shape, value: Any) -> None:
        raise NotImplementedError

    def attribute(self, base: Shape, name: str) -> Shape:
        raise NotImplementedError

    def delta(self, base: Shape) -> Shape:
        raise NotImplementedError

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
            return self._method(func, node)
        self.ev(func)
        self._arguments(node)
        return Shape()

    def _arguments(self, node: ast.Call) -> list[Shape]:
        shapes = [self.ev(a) for a in node.args]
        for keyword in node.keywords:
            self.ev(keyword.value)
        return shapes

    # functions of the project

    def _known_function(self, func: ast.expr) -> ast.AST | None:
        if isinstance(func, ast.Name):
            if func.id in self.local_functions:
                return self.local_functions[func.id]
            return self.names.functions.get(func.id) if func.id not in self.env else None
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            owner = func.value.id
            definition = self.names.functions.get(self.class_name if owner in ("self", "cls") else owner)
            if isinstance(definition, ast.ClassDef):
                return next((s for s in definition.body if isinstance(s, FUNCTIONS) and s.name == func.attr), None)
        return None

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
        saved = self.env, self.constants, self.returned
        self.env, self.constants, self.returned = dict(bound), dict(constants), []
        self.stack.append(function.name)
        self.defaults(function)
        self.block(function.body)
        results = self.returned
        self.stack.pop()
        self.env, self.constants, self.returned = saved
        informative = [r for r in results if r.value is MISSING]
        if len(informative) == 1:
            return informative[0]
        merged = Shape()
        for r in informative:
            merged.sources.append(r)
            for k, item in r.items.items():
                merged.item(k).sources.append(item)
        return merged

    def defaults(self, function: Any) -> None:
        raise NotImplementedError

    def _apply(self, function: ast.expr, element: Shape, second: Shape | None = None) -> Shape:
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
        arguments = self._arguments(node)
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
            given = self._apply(node.args[0], self.iterate(source))
            result.elem.unify(given if name == "map" else source.elem)
            return result
        arguments = self._arguments(node)
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
        if name == "dict":
            return first
        if name == "print":
            return Shape()
        if name in BUILTIN_NUMBER:
            first.vote("number")
        return Shape()

    def _convert(self, name: str, first: Shape) -> Shape:
        if name in ("float", "int"):
            if first.votes["str"]:
                first.flag("numeric-text" if name == "float" else "integer-text")
            else:
                first.vote("number", 0.5)
            return Shape("number" if name == "float" else "index", 0.5)
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
        return Shape({"str": "str", "bool": "bool"}.get(name, ""))

    def _range(self, node: ast.Call, arguments: list[Shape]) -> Shape:
        result = Shape("list")
        result.elem.vote("index").flag("position")
        for k, shape in enumerate(arguments):
            if self.const(node.args[k]) is MISSING:
                shape.vote("index", 2).flag(
                    "step" if k == 2 else "length" if k == len(arguments) - 1 or k == 1 else "small"
                )
        return result

    def _collect(self, name: str, node: ast.Call, first: Shape) -> Shape:
        for keyword in node.keywords:
            if keyword.arg == "key":
                self._apply(keyword.value, self.iterate(first))
        result = Shape("set" if name in ("set", "frozenset") else "list")
        result._elem = self.iterate(first)
        result.sources = [first]
        result.flag(*(first.flags & {"columns of"}))
        if name == "iter":
            result.sources = [first]
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
            return Shape("number")
        if top == "datetime":
            return self._datetime_call(name, first)
        if top == "pandas":
            return self._pandas_call(name, node, first)
        if top == "numpy":
            return self._numpy_call(module, name, node, arguments)
        if top == "random" or name in ("Random", "RandomState", "default_rng"):
            return Shape("rng")
        if top in ("itertools", "collections", "more_itertools", "tqdm"):
            return self._itertools(name, arguments)
        if top == "re" and len(arguments) > 1:
            arguments[1].vote("str", 2)
            pattern = self.const(node.args[0])
            if isinstance(pattern, str) and pattern.isalnum():
                arguments[1].literal(pattern)
        if top == "copy":
            return first
        return Shape()

    def _arguments_for(self, name: str, node: ast.Call) -> list[Shape]:
        if name in ("vectorize", "apply_along_axis"):
            return [Shape()]
        return self._arguments(node)

    def _datetime_call(self, name: str, first: Shape) -> Shape:
        if name in ("strptime", "fromisoformat"):
            first.vote("str", 2).flag("date-text")
            return Shape("datetime")
        return Shape("timedelta" if name == "timedelta" else "date" if name in ("date", "today") else "datetime")

    def _pandas_call(self, name: str, node: ast.Call, first: Shape) -> Shape:
        if name in MISSING_TESTS:
            first.flag("missing")
            return Shape("bool")
        if name in ("Timestamp", "to_datetime"):
            if first.value is MISSING and not first.has_elem:
                first.vote("datetime", 0.5)
            return first if first.has_elem else Shape("datetime")
        if name == "Timedelta" or name == "to_timedelta":
            return Shape("timedelta")
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
            for shape in arguments:
                if shape.value is MISSING:
                    shape.vote("index" if name in ("default_rng", "seed") else "number", 1).flag("small")
            return Shape("rng") if name in ("default_rng", "RandomState", "Generator") else Shape("float")
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
            return result
        if name in ("zeros_like", "ones_like", "empty_like", "full_like"):
            first.vote("ndarray", 0.5)
            return Shape("ndarray", 2)
        if name in ("where", "select"):
            return arguments[1] if len(arguments) > 1 else first
        if name in ("isnan", "isfinite", "isinf"):
            first.vote("number", 1)
            return Shape("bool")
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

    # methods

    def _method(self, func: ast.Attribute, node: ast.Call) -> Shape:
        base = self.ev(func.value)
        name = func.attr
        if name in ("apply", "map", "applymap", "agg", "aggregate", "transform", "pipe") and node.args:
            return self._apply_method(base, name, node)
        if name == "sort":
            for keyword in node.keywords:
                if keyword.arg == "key":
                    self._apply(keyword.value, base.elem)
            base.vote("list", 1)
            return Shape()
        arguments = self._arguments(node)
        first = arguments[0].find() if arguments else Shape()
        text = name in TEXT and not (
            base.votes["pandas"] or base.votes["frame"] or base.votes["list"] or base.votes["series"]
        )
        if text and "index of" not in base.flags and not (name == "replace" and base.votes["datetime"]):
            return self._text_method(base, name, node, arguments)
        if name in TEXT and (base.votes["series"] or base.votes["pandas"]):
            return self._series_text(base, name, node)
        if "index of" in base.flags and name in ("get_indexer", "get_loc", "searchsorted", "asof"):
            return self._index_lookup(base, name, node, first)
        found = self._pandas_method(base, name, node, arguments)
        return found if found is not None else self._plain_method(base, name, node, arguments)

    def _text_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape:
        value = self.const(node.args[0]) if node.args else MISSING
        if name in TEXT_TO_PARTS:
            return (
                base.split_by(value if isinstance(value, str) else None) if name != "partition" else base.split_by(None)
            )
        base.vote("str", 2)
        if name == "join" and arguments:
            element = self.iterate(arguments[0])
            if element.value is MISSING:
                element.vote("str", 1)
            return Shape("str")
        if name == "format":
            return Shape("str")
        for shape in arguments:
            if shape.value is MISSING and name not in ("ljust", "rjust", "center", "zfill"):
                shape.vote("str", 1)
            elif shape.value is MISSING:
                shape.vote("index", 1).flag("small")
        for text in value if isinstance(value, tuple) else [value]:
            if isinstance(text, str) and text:
                base.flag("pattern")
                base.literal(text, f"{text}xy", f"xy{text}", f"ab{text}cd")
        if name in TEXT_TO_BOOL:
            return Shape("bool")
        return base if name not in TEXT_TO_INT else Shape("index")

    def _series_text(self, base: Shape, name: str, node: ast.Call) -> Shape:
        value = self.const(node.args[0]) if node.args else MISSING
        base.elem.vote("str", 1)
        if isinstance(value, str) and value:
            base.elem.literal(value, f"ab{value}cd")
        return base

    def _index_lookup(self, base: Shape, name: str, node: ast.Call, first: Shape) -> Shape:
        table = base.sources[0]
        table.flag("table")
        nearest = any(k.arg == "method" for k in node.keywords)
        key = first.elem if name == "get_indexer" else first
        if nearest:
            table.index.vote("datetime" if key.votes["datetime"] or not key.votes["number"] else "number", 1)
            key.vote("datetime", 0.5) if not key.votes["number"] else None
            table.index.flag("nearest")
            key.flag("near")
        key.link(table.index)
        result = Shape("list")
        result.elem.vote("index").flag("position")
        return result if name == "get_indexer" else result.elem

    def _apply_method(self, base: Shape, name: str, node: ast.Call) -> Shape:
        by_row = any(k.arg == "axis" and self.const(k.value) in (1, "columns") for k in node.keywords)
        base.vote("frame" if by_row else "pandas", 2 if by_row else 1)
        function = node.args[0]
        if isinstance(function, (ast.Dict, ast.Constant, ast.List)):
            mapping = self.ev(function)
            if name == "map" and isinstance(function, ast.Dict):
                base.elem.literal(*[self.const(k) for k in function.keys])
            del mapping
            return base
        known = self.ev(function) if isinstance(function, ast.Name) and function.id in self.env else None
        if known is not None and not isinstance(known.value, ast.Lambda):
            if name == "map":
                known.vote("dict", 1)
                known.key.link(base.elem)
            return Shape("series")
        element = base.elem.flag("row") if by_row else base.elem
        result = Shape("series")
        result._elem = self._apply(function, element)
        return result

    def _pandas_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape | None:
        first = arguments[0].find() if arguments else Shape()
        if name == "iterrows":
            base.vote("frame", 5).flag("iterated")
            result = Shape("list")
            result.elem.items[0] = base.index.flag("row label")
            result.elem.items[1] = base.elem.flag("row")
            return result
        if name == "itertuples":
            base.vote("frame", 5).flag("iterated")
            result = Shape("list")
            result._elem = base.elem.flag("row")
            return result
        if name == "groupby":
            return self._groupby(base, node)
        if name == "merge" and arguments:
            return self._merge(base, first, node)
        if name == "set_index":
            return self._set_index(base, node)
        if name == "to_dict":
            base.vote("pandas", 1)
            if self.const(node.args[0] if node.args else None) == "records":
                result = Shape("list")
                result._elem = base.elem.flag("row")
                base.vote("frame", 2)
                return result
            return base
        if name in FRAME_ONLY:
            base.vote("frame", 3)
            for column in self._column_names(node):
                base.field(column)
            return base
        if name == "isin" and arguments:
            first.elem.link(base.elem)
            base.vote("series", 1)
            return Shape("bool")
        if name in PANDAS_ONLY:
            base.vote("pandas", 1)
        if name in ("sort_values", "drop_duplicates", "dropna", "drop", "nlargest"):
            for column in self._column_names(node):
                base.field(column).elem.vote("number", 0.1)
        if name in SAME and (
            name in PANDAS_ONLY or name in ("copy", "astype", "round", "clip", "cumsum") or base.votes["pandas"]
        ):
            return base
        if name in TO_SEQUENCE:
            if name in ("tolist", "to_numpy"):
                base.vote("pandas", 0.6)
            return base
        return None

    def _groupby(self, base: Shape, node: ast.Call) -> Shape:
        names = [n for a in node.args[:1] for n in self._strings(a)]
        names += [n for k in node.keywords if k.arg == "by" for n in self._strings(k.value)]
        base.vote("frame" if names else "pandas", 3)
        key = Shape()
        for k, column in enumerate(names):
            cell = base.field(column).elem.flag("key")
            key = cell if len(names) == 1 else key
            if len(names) > 1:
                key.items[k] = cell
        result = Shape("list")
        result.elem.items[0] = key
        result.elem.items[1] = base
        return result

    def _merge(self, left: Shape, right: Shape, node: ast.Call) -> Shape:
        for side in (left, right):
            side.vote("frame", 3)
        options = {k.arg: self._strings(k.value) for k in node.keywords if k.arg in ("on", "left_on", "right_on")}
        mine = options.get("on") or options.get("left_on") or []
        theirs = options.get("on") or options.get("right_on") or []
        for a, b in zip(mine, theirs, strict=False):
            left.field(a).elem.link(right.field(b).elem)
        right.flag("table")
        return left

    def _set_index(self, base: Shape, node: ast.Call) -> Shape:
        base.vote("frame", 3)
        names = [
            n for a in [*node.args[:1], *(k.value for k in node.keywords if k.arg == "keys")] for n in self._strings(a)
        ]
        result = Shape("frame", 3)
        result.fields = base.fields
        result._elem = base.elem
        if len(names) == 1:
            result._index = base.field(names[0]).elem.flag("unique")
        base.flag("table")
        return result

    def _column_names(self, node: ast.Call) -> list[str]:
        return [
            n
            for a in [*node.args, *(k.value for k in node.keywords if k.arg in ("by", "subset", "columns", "on"))]
            for n in self._strings(a)
        ]

    def _strings(self, node: ast.expr) -> list[str]:
        value = self.const(node)
        if isinstance(value, str):
            return [value]
        if isinstance(node, (ast.List, ast.Tuple)):
            return [v for e in node.elts if isinstance(v := self.const(e), str)]
        return []

    def _plain_method(self, base: Shape, name: str, node: ast.Call, arguments: list[Shape]) -> Shape:
        first = arguments[0].find() if arguments else Shape()
        if name == "items":
            if not (base.votes["series"] or base.votes["pandas"]):
                base.vote("dict", 3)
            result = Shape("list")
            result.elem.items[0], result.elem.items[1] = base.key, base.elem
            return result
        if name in ("keys", "values") and not node.args:
            base.vote("dict", 3)
            result = Shape("list")
            result._elem = base.key if name == "keys" else base.elem
            return result
        if name in ("get", "setdefault", "pop") and arguments:
            return self._get(base, node, first)
        if name in LIST_METHODS:
            base.vote("list", 1)
            if arguments and name == "append" and first.value is MISSING:
                base.elem.unify(first) if not base.elem.votes else None
            return Shape()
        if name in ("add", "discard", "update", "remove"):
            base.vote("set" if name in ("add", "discard") else "dict" if name == "update" else "list", 0.5)
            return Shape()
        if name in DELTA and not base.has_elem:
            return self.delta(base) if base.sources else Shape("number") if base.vote("timedelta") else Shape()
        if name in DATE_METHODS:
            base.vote("datetime", 1)
            return Shape(
                "date" if name == "date" else "str" if name in ("strftime", "isoformat", "day_name") else "index"
            )
        if name in GENERATOR_METHODS and not base.has_elem and not base.votes["pandas"]:
            base.vote("rng", 3)
            for shape in arguments:
                if shape.value is MISSING and not shape.has_elem and "length of" not in shape.flags:
                    shape.vote("number", 0.5)
            return Shape("number", 0.2)
        if name in REDUCTIONS:
            base.vote("pandas", 0.2)
            if base.has_elem and name not in ("count", "nunique", "any", "all", "first", "last"):
                base.elem.vote("number", 0.3)
            return base.elem if name in ("min", "max", "first", "last") and base.has_elem else Shape("number", 0.5)
        if name in ("info", "debug", "warning", "error", "critical", "exception"):
            return Shape()
        if name in DATE_TO_INT:
            return self.attribute(base, name)
        if name == "item":
            return base
        return self._own_method(base, name)

    def _get(self, base: Shape, node: ast.Call, first: Shape) -> Shape:
        key = self.const(node.args[0])
        if "row" in base.flags and isinstance(key, str):
            return base.field(key)
        base.vote("dict", 1)
        if isinstance(key, str):
            return base.field(key)
        if isinstance(base.value, dict):
            first.literal(*base.value)
            first.vote("str" if all(isinstance(k, str) for k in base.value) else "index", 1)
            return base.elem
        base.flag("table")
        first.link(base.key)
        return base.elem

    def _own_method(self, base: Shape, name: str) -> Shape:
        """A method nobody knows: the value is an object of a class of its own."""
        if base.value is MISSING and not base.has_elem and not base.fields:
            method = base.attr(name)
            method.vote("callable", 3)
            return Shape()
        return Shape()
