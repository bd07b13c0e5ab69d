"""Made-up files: what a region opens for reading has lines that fit how it reads them."""

from __future__ import annotations

import io
from typing import Any

from .stubs import Calls


class Files:
    """Stands for `open`: whatever is opened to read text holds these lines; anything else is refused as ever.

    Which files are opened, and how, is noted. An odd number of lines has no line end after the last.
    """

    def __init__(self, lines: list[Any]) -> None:
        texts = [line.removesuffix("\n") for line in lines if isinstance(line, str)]
        self.text = "\n".join(texts) + "\n" * (len(texts) > 0 and len(texts) % 2 == 0)
        self.calls = Calls()

    def anew(self) -> Files:
        """The same for another run."""
        return Files([]).holding(self.text)

    def holding(self, text: str) -> Files:
        self.text = text
        return self

    def __call__(self, file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        if not set(mode) <= {"r", "t", "U"} or isinstance(file, int):
            return open(file, mode, *args, **options)
        self.calls.append(("open", [str(file), *args], dict(sorted(options.items()))))
        return io.StringIO(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Files) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"lambda *_, **__: io.StringIO({self.text!r})"
