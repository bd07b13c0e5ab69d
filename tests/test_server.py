"""`deloop server`, talked to by a real client over its stdin and stdout."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from deloop.editors.document import Edit, edits_between
from deloop.editors.server import Outlet

LOOPS = """\
import pandas as pd


def spread(bars: pd.DataFrame):
    out = []
    for i in range(len(bars)):
        out.append(bars["high"].iloc[i] - bars["low"].iloc[i])
    return out


def shown(bars: pd.DataFrame):
    for _, bar in bars.iterrows():
        print("\N{GRINNING FACE}", bar["high"])
"""


class Editor:
    """What an editor does, as far as it matters here."""

    def __init__(self, folder: Path, resolves: bool = True) -> None:
        self.folder, self.resolves = folder, resolves
        self.client = LanguageClient("editor", "1")
        self.diagnostics: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: list[str] = []

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.diagnostics.put_nowait(params)

        @self.client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def told(params: lsp.ShowMessageParams) -> None:
            self.messages.append(params.message)

    async def start(self) -> None:
        await self.client.start_io(sys.executable, "-m", "deloop", "server", cwd=str(self.folder))
        support = lsp.ClientCodeActionResolveOptions(properties=["edit"]) if self.resolves else None
        actions = lsp.CodeActionClientCapabilities(resolve_support=support, data_support=True)
        capabilities = lsp.ClientCapabilities(text_document=lsp.TextDocumentClientCapabilities(code_action=actions))
        root = self.folder.as_uri()
        await self.client.initialize_async(lsp.InitializeParams(capabilities, root_uri=root))
        self.client.initialized(lsp.InitializedParams())

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    async def open(self, name: str, text: str) -> list[lsp.Diagnostic]:
        item = lsp.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.next()

    async def change(self, name: str, text: str, version: int) -> list[lsp.Diagnostic]:
        which = lsp.VersionedTextDocumentIdentifier(version, self.uri(name))
        whole = [lsp.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(which, whole))
        return await self.next()

    async def next(self) -> list[lsp.Diagnostic]:
        return list((await asyncio.wait_for(self.diagnostics.get(), 60)).diagnostics)

    async def actions(self, name: str, line: int) -> list[lsp.CodeAction]:
        where = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 1))
        params = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(self.uri(name)), where, lsp.CodeActionContext(diagnostics=[])
        )
        return [a for a in await self.client.text_document_code_action_async(params) or [] if not is_command(a)]

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()


def is_command(action: Any) -> bool:
    return isinstance(action, lsp.Command)


def with_editor(folder: Path, work: Callable[[Editor], Awaitable[None]], resolves: bool = True) -> None:
    """Run one conversation."""

    async def whole() -> None:
        editor = Editor(folder, resolves)
        try:
            await asyncio.wait_for(editor.start(), 60)
            await asyncio.wait_for(work(editor), 120)
            await asyncio.wait_for(editor.stop(), 60)
        finally:
            server = editor.client._server
            if server is not None and server.returncode is None:
                server.kill()

    asyncio.run(whole())


def applied(text: str, edit: lsp.WorkspaceEdit | None) -> str:
    """The text with the edits of an action."""
    assert edit is not None and edit.document_changes
    (change,) = edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    lines = text.splitlines(keepends=True)
    for one in sorted(change.edits, key=lambda e: -e.range.start.line):
        assert isinstance(one, lsp.TextEdit)
        start, end = one.range.start, one.range.end
        tail = lines[end.line][end.character :] if end.line < len(lines) else ""
        lines[start.line : end.line + 1] = [lines[start.line][: start.character] + one.new_text + tail]
    return "".join(lines)


def test_loops_are_marked_and_one_is_rewritten_once_it_was_run(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text("")

    async def work(editor: Editor) -> None:
        slow, printed = await editor.open("flow.py", LOOPS)
        assert (slow.code, slow.source, slow.range.start.line) == ("DL102", "deloop", 5)
        assert slow.range.start.character == 4 and "ixable by `deloop fix`" in slow.message
        assert printed.range.start.line == 11 and "Left alone" in printed.message
        rewrite, silence = await editor.actions("flow.py", 5)
        assert rewrite.edit is None and rewrite.title.startswith("DL102: becomes array arithmetic")
        chosen = await editor.client.code_action_resolve_async(rewrite)
        text = applied(LOOPS, chosen.edit)
        assert ".iloc[i]" not in text and "shown" in text
        assert "verified" in chosen.data["evidence"] and "-    for i in range(len(bars)):" in chosen.data["diff"]
        assert any("verified on" in said for said in editor.messages)
        (left,) = await editor.change("flow.py", text, 2)
        assert "Left alone" in left.message
        (same,) = await editor.change("flow.py", applied(LOOPS, silence.edit), 3)
        assert (same.message, same.range.start.line) == (printed.message, printed.range.start.line)

    with_editor(tmp_path, work)


def test_what_is_not_faster_is_not_rewritten_and_it_is_said_why(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.deloop]\nmin-speedup = 1e9\n")

    async def work(editor: Editor) -> None:
        await editor.open("flow.py", LOOPS)
        rewrite, _ = await editor.actions("flow.py", 5)
        found = await editor.client.code_action_resolve_async(rewrite)
        assert found.edit is None
        assert "not rewritten: DL102 vector: " in editor.messages[-1] and "less than" in editor.messages[-1]

    with_editor(tmp_path, work)


def test_an_editor_that_does_not_resolve_gets_the_edit_at_once(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("flow.py", LOOPS.replace("\n", "\r\n"))
        rewrite, _ = await editor.actions("flow.py", 5)
        text = applied(LOOPS.replace("\n", "\r\n"), rewrite.edit)
        assert ".iloc[i]" not in text and "\n" not in text.replace("\r\n", "")
        answer = await editor.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams("deloop.diff", [rewrite.data])
        )
        assert "-    for i in range(len(bars)):" in answer

    with_editor(tmp_path, work, resolves=False)


def spoken(folder: Path, *messages: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    """A conversation in which the editor waits for nothing, and then hangs up."""
    said = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    words = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(one), one) for one in said)
    command = [sys.executable, "-m", "deloop", "server"]
    return subprocess.run(command, cwd=folder, input=words, capture_output=True, timeout=100, check=False)


START = {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}
SHUTDOWN, EXIT = {"id": 9, "method": "shutdown"}, {"method": "exit"}


@pytest.mark.parametrize(("end", "status"), [((SHUTDOWN, EXIT), 0), ((EXIT,), 1), ((), 1)])
def test_the_status_is_that_of_the_protocol(tmp_path: Path, end: tuple[dict[str, Any], ...], status: int) -> None:
    done = spoken(tmp_path, START, *end)
    assert (done.returncode, done.stderr) == (status, b"")
    assert b'"capabilities"' in done.stdout


def test_what_ends_after_the_goodbye_is_not_told(tmp_path: Path) -> None:
    """pygls, for whom the stream is closed then, would tell of that for ever, on a stderr that nobody may read."""
    uri = (tmp_path / "flow.py").as_uri()
    opened = {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": LOOPS}}
    wanted = {"command": "deloop.diff", "arguments": [{"uri": uri, "key": ["a", 1]}]}
    open_ = {"method": "textDocument/didOpen", "params": opened}
    asked = {"id": 2, "method": "workspace/executeCommand", "params": wanted}
    done = spoken(tmp_path, START, open_, asked, SHUTDOWN, EXIT)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_is_written_to_a_closed_stream_or_to_an_editor_that_has_gone() -> None:
    stream = io.BytesIO()
    outlet = Outlet(stream)
    assert outlet.write(b"one") == 3
    outlet.close()
    assert outlet.write(b"two") == 3
    outlet.flush()
    assert stream.getvalue() == b"one" and not stream.closed
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb", buffering=0) as pipe:
        broken = Outlet(pipe)  # type: ignore[arg-type]
        broken.write(b"one")
        assert broken.closed


def test_half_a_statement_keeps_what_is_shown_and_a_wrong_configuration_is_no_crash(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        assert len(await editor.open("flow.py", LOOPS)) == 2
        (tmp_path / "pyproject.toml").write_text("[tool.deloop]\nselekt = 1\n")
        which = lsp.VersionedTextDocumentIdentifier(2, editor.uri("flow.py"))
        broken = [lsp.TextDocumentContentChangeWholeDocument(LOOPS + "\ndef half(")]
        editor.client.text_document_did_change(lsp.DidChangeTextDocumentParams(which, broken))
        await asyncio.sleep(1)
        (tmp_path / "pyproject.toml").write_text("[tool.deloop]\nselect = ['DL102']\n")
        assert len(await editor.change("flow.py", LOOPS, 3)) == 1
        closed = lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(editor.uri("flow.py")))
        editor.client.text_document_did_close(closed)
        assert await editor.next() == []

    with_editor(tmp_path, work)


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXTS = st.lists(st.tuples(st.sampled_from("abcd\f"), ENDS), max_size=8).flatmap(
    lambda lines: st.sampled_from(["", "x"]).map(lambda last: "".join(a + b for a, b in lines) + last)
)


@given(TEXTS, TEXTS)
def test_the_edits_make_one_text_of_the_other(before: str, after: str) -> None:
    assert with_edits(before, list(edits_between(before, after))) == after


def with_edits(text: str, edits: list[Edit]) -> str:
    """A text with edits, by the offsets of its lines."""
    starts = [0]
    at = 0
    while at < len(text):
        at += 2 if text.startswith("\r\n", at) else 1
        if text[at - 1] in "\r\n":
            starts.append(at)
    for edit in reversed(edits):
        a = starts[edit.where.line] + edit.where.character
        b = starts[edit.where.end_line] + edit.where.end_character
        text = text[:a] + edit.text + text[b:]
    return text
