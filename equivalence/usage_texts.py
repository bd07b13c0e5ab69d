"""What functions that read text say of the text: paths, dates in a format, numbers with something around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .shapes import MISSING, STATED, Shape

ISO = "%Y-%m-%d"
_OF_URLS = frozenset({"urllib.parse.urlparse", "urllib.parse.urlsplit"})
_OF_TEXT = frozenset(
    {
        *(f"urllib.parse.{name}" for name in ("quote", "quote_plus", "unquote", "unquote_plus", "urljoin")),
        *("html.escape", "html.unescape", "string.capwords", "textwrap.shorten", "textwrap.fill", "textwrap.dedent"),
    }
)
#: Methods that take something off a text, or put something else in its place.
CLEANING = frozenset({"replace", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix"})
OTHER_CASE = frozenset({"upper", "lower", "casefold", "title", "capitalize"})
#: Where blanks are taken off.
_BLANKS = {"strip": ("blanks before", "blanks after"), "lstrip": ("blanks before",), "rstrip": ("blanks after",)}
#: What takes a text that a regular expression is searched in.
SEARCHES = frozenset({"match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"})
_LONG = 400
_WHERE = {"startswith": "prefix", "removeprefix": "prefix", "endswith": "suffix", "removesuffix": "suffix"}


def of_path(name: str, arguments: list[Shape]) -> Shape:
    """`os.path.splitext(p)` and its like: what a part of the path is compared with says what the path is."""
    for shape in arguments:
        if shape.value is MISSING and not shape.has_elem:
            shape.vote("str", 1).flag("path")
    if not arguments:
        return Shape()
    first = arguments[0]
    if name in ("split", "splitext"):
        parts = Shape("tuple")
        back = (_in_folder, _file) if name == "split" else (_with_suffix, _suffix)
        parts.items = {k: _part(first, back[k]) for k in (0, 1)}
        return parts
    return (
        _part(first, _in_folder) if name == "dirname" else _part(first, _file) if name == "basename" else Shape("str")
    )


def of_text(full: str, arguments: list[Shape]) -> Shape | None:
    """`html.escape(x)`, `urlparse(x)`: what is given is text; None for what is nothing of the kind."""
    if full not in _OF_TEXT and full not in _OF_URLS:
        return None
    for shape in arguments[:1]:
        if shape.value is MISSING:
            shape.vote("str", 1).flag(*["url"][: full in _OF_URLS])
    if full not in _OF_URLS:
        return Shape("str")
    parts = Shape("object")
    parts.attrs = {name: Shape("str") for name in ("scheme", "netloc", "path", "query", "fragment")}
    return parts


def path_object(arguments: list[Shape]) -> Shape:
    """`Path(p)`, whose parts are texts."""
    of_path("", arguments)
    found = Shape("object")
    if len(arguments) == 1:
        ways = {"suffix": _suffix, "stem": _with_suffix, "name": _file, "parent": _in_folder}
        found.attrs = {name: _part(arguments[0], back) for name, back in ways.items()}
    return found


def _part(path: Shape, back: Callable[[str], str]) -> Shape:
    found = Shape("str")
    found.inverse.append((path, back))
    return found


def _suffix(text: str) -> str:
    return f"ab{text}" if text.startswith(".") else f"ab.{text}"


def _with_suffix(text: str) -> str:
    return f"{text}.txt"


def _file(text: str) -> str:
    return f"cd/{text}"


def _in_folder(text: str) -> str:
    return f"{text}/ab"


def named_parts(parts: Shape) -> Shape:
    """The parts of a line, by the names in the first line."""
    if "named" not in parts.flags:
        parts.flag("named").vote("dict", STATED).elem.vote("str", STATED)
    return parts


def dated(text: Shape, pattern: Any) -> None:
    """The text is a date in a format, if that is known."""
    text.flag(f"format:{pattern}" if isinstance(pattern, str) else f"format:{ISO}")


def compiled(pattern: Any) -> Shape:
    """`re.compile(pattern)`."""
    return Shape().flag(*[f"compiled:{pattern}"][: isinstance(pattern, str)])


def matched(name: str, pattern: Any, arguments: list[Shape]) -> Shape:
    """`re.match(pattern, x)`: what is searched is text, and some texts match; `arguments` begin behind the pattern."""
    texts = arguments[1:2] if name in ("sub", "subn") else arguments[:1]
    for text in texts:
        if text.value is MISSING:
            text.vote("str", 2).flag(*[f"pattern:{pattern}"][: isinstance(pattern, str) and len(pattern) < _LONG])
    return texts[0] if name == "sub" and texts else Shape()


def looked_for(text: Shape, name: str, value: Any) -> None:
    """`x.startswith(("#", "track"))`, `"ab" in x`: some texts have what the code asks for, where it asks for it."""
    wanted = [v for v in (value if isinstance(value, (tuple, list)) else [value]) if isinstance(v, str) and v]
    if wanted := [v for v in wanted if not _ends_line(v)]:
        text.flag(*(f"{_WHERE.get(name, 'infix')}:{v}" for v in wanted))
        text.literal(*wanted)
        text.literal(*(made for v in wanted for made in (f"{v}xy", f"xy{v}", f"ab{v}cd")))


def _ends_line(text: str) -> bool:
    return "\n" in text or "\r" in text


def cleaned(text: Shape, name: str, old: Any, new: Any) -> None:
    """`x.replace(",", ".")`, `x.rstrip("%")`: some texts have what is taken off."""
    if old is MISSING:
        text.flag(*_BLANKS.get(name, ()))
    if name in ("strip", "rstrip") and (old is MISSING or (isinstance(old, str) and _ends_line(old))):
        text.flag("line")
    elif isinstance(old, str) and old and not _ends_line(old):
        text.flag("\n".join((f"cleaned:{name}", old, new if isinstance(new, str) else "")))


def part_at(parts: Shape, k: int) -> Shape:
    """Item `k` of what a text was split into: if the text is made of another one, what the item has to be leads there.

    `os.path.basename(p).rsplit(".", 1)[-1] == "jpg"` asks for a path that ends in `.jpg`.
    """
    item = parts.item(k)
    for text in parts.sources if not item.inverse else []:
        item.inverse.append((text, partial(_around, k, (text.split and text.split[0]) or " ")))
    return item


def _around(k: int, separator: str, text: str) -> str:
    return f"{text}{separator}ab" if k == 0 else f"ab{separator}{text}"


def read_number(name: str, first: Shape) -> Shape:
    """`int(x)`: what the number is compared with says what a text has to be."""
    result = Shape("number" if name == "float" else "index", 0.5)
    part = first.split[1].item(0) if first.split is not None else first
    if part is not first and not part.votes.total():  # a column of texts whose first part takes their place
        first = part.flag("part")
    if first.votes["str"]:
        first.flag("numeric-text" if name == "float" else "integer-text")
        result.sources = [first]
    elif "part" in first.flags:
        first.vote("number", 0.5) if name == "float" else first.vote("int", 3)
        result.sources = [first]
    else:
        first.vote("number", 0.5)
    return result


def numbers_of(column: Shape) -> Shape:
    """`pd.to_numeric(column)`: what is text in it is read as numbers."""
    result = Shape("series", 1)
    result._elem = read_number("float", column.elem)
    return result
