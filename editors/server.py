"""The language server: documents come and go, loops become diagnostics, rewrites become code actions."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from .. import __version__
from ..codemods.findings import Status
from ..proposals.gather import Job
from ..transforms.base import Severity
from . import document as documents
from .document import Edit, Mark, Range

SOURCE = "deloop"
#: How long an editor is quiet before a document is looked at again, in seconds.
QUIET = 0.3
LEVELS = {
    Severity.HIGH: lsp.DiagnosticSeverity.Warning,
    Severity.MEDIUM: lsp.DiagnosticSeverity.Information,
    Severity.LOW: lsp.DiagnosticSeverity.Hint,
}
DIFF = "deloop.diff"
#: How long what still runs may take after the editor has said goodbye, in seconds.
GRACE = 5.0

#: The job for a file: its settings may be others than those of the file beside it. Raises ConfigError.
Jobs = Callable[[Path], Job]


@dataclass
class Desk:
    """What the server knows: the loops that it has shown for each document, and what waits to be looked at."""

    jobs: Jobs
    server: LanguageServer
    shown: dict[str, list[Mark]] = field(default_factory=dict)
    waiting: dict[str, threading.Timer] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    busy: threading.Lock = field(default_factory=threading.Lock)  # code is looked at, and run, by one thread at a time

    def later(self, uri: str) -> None:
        """Look at a document when its editor has been quiet for a moment."""
        with self.lock:
            if uri in self.waiting:
                self.waiting[uri].cancel()
            timer = self.waiting[uri] = threading.Timer(QUIET, self.look, [uri])
            timer.daemon = True
            timer.start()

    def forget(self, uri: str) -> None:
        """The editor has closed a document."""
        with self.lock:
            if uri in self.waiting:
                self.waiting.pop(uri).cancel()
        self.shown.pop(uri, None)
        self._publish(uri, None, [])

    def look(self, uri: str) -> None:
        """Look at a document and show what is found."""
        path = path_of(uri)
        if path is None:
            return
        try:
            text_document = self.server.workspace.get_text_document(uri)
            with self.busy:
                marks, problem = documents.look(path, text_document.source, self.jobs(path))
        except Exception as error:  # a configuration that is being edited, a bug of ours: the editor goes on
            self.server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, f"deloop: {path}: {error}"))
            return
        if problem:  # half a statement, most often: what was shown stays until the document parses again
            return
        self.shown[uri] = marks
        self._publish(uri, text_document, [self._diagnostic(text_document, mark) for mark in marks])

    def _publish(self, uri: str, shown: TextDocument | None, found: list[lsp.Diagnostic]) -> None:
        version = shown.version if shown is not None else None
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def _diagnostic(self, shown: TextDocument, mark: Mark) -> lsp.Diagnostic:
        rule = mark.finding.rule
        related = None
        if mark.blocking is not None:
            where = lsp.Location(shown.uri, client_range(shown, mark.blocking[0]))
            related = [lsp.DiagnosticRelatedInformation(where, mark.blocking[1])]
        return lsp.Diagnostic(
            range=client_range(shown, mark.where),
            message=mark.text,
            severity=LEVELS[mark.finding.severity],
            code=rule.code,
            source=SOURCE,
            related_information=related,
            data={"key": list(mark.key), "status": str(mark.finding.status)},
        )

    def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """What can be done about the loops in a range: a rewrite, whose edit is made when it is chosen; a comment."""
        uri = params.text_document.uri
        shown = self.server.workspace.get_text_document(uri)
        if not wanted(params.context.only):
            return []
        found: list[lsp.CodeAction] = []
        for mark in self.shown.get(uri, []):
            if not touches(client_range(shown, mark.where), params.range):
                continue
            diagnostic = self._diagnostic(shown, mark)
            if mark.finding.status is Status.PROPOSAL:
                data = {"uri": uri, "key": list(mark.key)}
                action = lsp.CodeAction(mark.title, lsp.CodeActionKind.QuickFix, [diagnostic], data=data)
                found.append(action if self._resolves else self.resolved(action))
            silence = documents.ignored(mark, shown.source)
            title = f"Leave this loop alone (# deloop: ignore[{mark.finding.rule.code}])"
            edit = workspace_edit(shown, [silence])
            found.append(lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, [diagnostic], edit=edit))
        return found

    @property
    def _resolves(self) -> bool:
        """Whether the editor asks for the edit of an action when it is chosen."""
        described = self.server.client_capabilities.text_document
        actions = described.code_action if described is not None else None
        support = actions.resolve_support if actions is not None else None
        return support is not None and "edit" in support.properties

    def resolved(self, action: lsp.CodeAction) -> lsp.CodeAction:
        """The action with its edit: now the rewrite is run and compared. Without one, the editor is told why."""
        data = action.data if isinstance(action.data, dict) else {}
        made = self._fix(data)
        if made is None:
            return action
        shown, found = made
        if not found.edits:
            self._tell(lsp.MessageType.Warning, f"deloop: not rewritten: {found.said}")
            return action
        self._tell(lsp.MessageType.Info, f"deloop: {found.said}")
        action.edit = workspace_edit(shown, found.edits)
        action.data = {**data, "diff": found.diff, "evidence": found.said}
        return action

    def diff(self, data: Any) -> str:
        """The unified diff of a rewrite, or why there is none; `data` is that of its code action."""
        made = self._fix(data if isinstance(data, dict) else {})
        return (made[1].diff or made[1].said) if made is not None else ""

    def _fix(self, data: dict[str, Any]) -> tuple[TextDocument, documents.Fix] | None:
        try:
            uri, (mark, number) = str(data["uri"]), data["key"]
            shown, path = self.server.workspace.get_text_document(uri), path_of(uri)
            assert path is not None
            with self.busy:
                return shown, documents.fix(path, shown.source, self.jobs(path), (str(mark), int(number)))
        except Exception as error:  # no Python to run it with, code that no longer parses: said, never a crash
            self._tell(lsp.MessageType.Error, f"deloop: {error}")
            return None

    def _tell(self, kind: lsp.MessageType, text: str) -> None:
        self.server.window_show_message(lsp.ShowMessageParams(kind, text))


class Outlet(io.RawIOBase):
    """Where the server writes, from whatever thread: once it is closed, or its editor has gone, nothing is written.

    A rewrite may end after the editor's goodbye. pygls, told that its stream is closed, would try to tell the editor
    so, for ever, and fill stderr, which many editors don't read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with self._lock:
            if not self.closed:
                try:
                    self._stream.write(data)
                    self._stream.flush()
                except OSError:
                    super().close()
            return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        with self._lock:
            super().close()


class Server(LanguageServer):
    """The server of pygls, with an end that no editor has to wait for. `told`: it was asked to shut down."""

    told = False

    def serve(self, stdin: BinaryIO, stdout: BinaryIO) -> int:
        """Serve an editor to its end. Returns the exit status that the protocol asks for."""
        self.start_io(stdin, Outlet(stdout))  # type: ignore[arg-type]
        return 0 if self.told else 1

    def cancel_all(self) -> None:
        """Answer what still runs: pygls does so while it walks over what is asked, which every answer changes."""
        asked: dict[Any, Future[Any]] = getattr(self.protocol, "_request_futures", {})
        for number, future in list(asked.items()):
            if number != self.protocol.msg_id:
                future.cancel()

    def shutdown(self) -> None:
        """The editor has gone: what still runs has a moment."""
        last = threading.Timer(GRACE, os._exit, [0 if self.told else 1])
        last.daemon = True
        last.start()
        super().shutdown()  # type: ignore[no-untyped-call]
        last.cancel()


def path_of(uri: str) -> Path | None:
    """The file that a document is, or will be when it is saved; None for what is no file."""
    found = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(found) if found else None


def wanted(only: Sequence[Any] | None) -> bool:
    """Whether quick fixes are among the kinds of actions that are asked for."""
    kinds = [str(getattr(kind, "value", kind)) for kind in only or []]
    return not kinds or any(kind in ("", "quickfix") or kind.startswith("quickfix.") for kind in kinds)


def touches(one: lsp.Range, other: lsp.Range) -> bool:
    """Whether two ranges have a line in common."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line


def client_range(shown: TextDocument, where: Range) -> lsp.Range:
    """A range in the units of the editor."""
    start, end = lsp.Position(where.line, where.character), lsp.Position(where.end_line, where.end_character)
    found: lsp.Range = shown.position_codec.range_to_client_units(shown.lines, lsp.Range(start, end))
    return found


def workspace_edit(shown: TextDocument, edits: tuple[Edit, ...] | list[Edit]) -> lsp.WorkspaceEdit:
    """The edits of one document, for the version of it that they were made for."""
    made: list[lsp.TextEdit | lsp.AnnotatedTextEdit | lsp.SnippetTextEdit] = [
        lsp.TextEdit(client_range(shown, edit.where), edit.text) for edit in edits
    ]
    which = lsp.OptionalVersionedTextDocumentIdentifier(shown.uri, shown.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(which, made)])


def make_server(jobs: Jobs) -> Server:
    """The server, ready to serve."""
    server = Server(SOURCE, __version__)
    desk = Desk(jobs, server)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        desk.later(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        desk.later(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        desk.later(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        desk.forget(params.text_document.uri)

    @server.feature(lsp.SHUTDOWN)
    def ending(params: None) -> None:
        server.told = True
        server.cancel_all()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: lsp.DidChangeConfigurationParams) -> None:
        for uri in list(desk.shown):
            desk.later(uri)

    options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix], resolve_provider=True)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    @server.thread()
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return desk.actions(params)

    @server.feature(lsp.CODE_ACTION_RESOLVE)
    @server.thread()
    def resolve(action: lsp.CodeAction) -> lsp.CodeAction:
        return desk.resolved(action)

    @server.command(DIFF)
    @server.thread()
    def diff(data: Any = None) -> str:
        return desk.diff(data)

    return server
