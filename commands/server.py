"""`deloop server`: the language server, which editors start and talk to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .app import command, fail, job_of

if TYPE_CHECKING:
    from ..proposals.gather import Job


@command
def server() -> int:
    """Serve an editor on stdin and stdout by the language server protocol.

    It marks slow loops as they are typed, and rewrites one when it is asked to, once the rewrite was run and compared.
    """
    try:
        from ..editors.server import make_server
    except ImportError as problem:
        return fail(f"the language server needs pygls ({problem}): pip install 'deloop[server]'")

    def job(path: Path) -> Job:
        return job_of([path], {}, show_unsafe=True)

    return make_server(job).serve(sys.stdin.buffer, sys.stdout.buffer)
