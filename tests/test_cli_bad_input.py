"""Input that is wrong, with the real command: one clear line each, and the rest is done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_help import deloop

DELOOP = [sys.executable, "-m", "deloop"]
GOOD = """\
def double(xs: list):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""


def bad_files(folder: Path) -> dict[str, str]:
    """Files that can't be looked at, each with what has to be said about it."""
    (folder / "good.py").write_text(GOOD)
    (folder / "syntax.py").write_text("for x in xs:\n    out.append(x)\nfor y in:\n    pass\n")
    (folder / "undecodable.py").write_bytes(b"# first\nfor x in xs: y = '\xff'\n")
    (folder / "cookie.py").write_bytes(b"# coding: martian\nfor x in xs: pass\n")
    (folder / "null.py").write_bytes(b"for x in xs:\n    a = '\0'\n")
    (folder / "deep.py").write_text("for x in xs:\n    y = " + "(" * 5000 + ")" * 5000 + "\n")
    (folder / "indent.py").write_text("for x in xs:\n\tif x:\n        y = 1\n")
    (folder / "script.txt").write_text("for the sake of it,\nno Python\n")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    (folder / "loop.py").symlink_to(folder / "loop.py")
    (folder / "dangling.py").symlink_to(folder / "nowhere.py")
    return {
        "syntax.py": "syntax.py:3: syntax error: invalid syntax",
        "undecodable.py": "undecodable.py:2: can't be decoded as utf-8",
        "cookie.py": "cookie.py:1: declares the unknown encoding 'martian'",
        "null.py": "null.py:2: contains a null byte",
        "deep.py": "deep.py:",
        "indent.py": "indent.py:3: syntax error: inconsistent use of tabs",
        "script.txt": "script.txt:1: syntax error",
        "pipe.py": "pipe.py: is not a regular file",
        "loop.py": "loop.py: ",
        "dangling.py": "dangling.py: no such file",
        "missing.py": "missing.py: no such file or folder",
    }


@pytest.mark.parametrize("command", [("check",), ("fix", "--write")])
def test_each_is_one_line_and_the_rest_is_done(tmp_path: Path, command: tuple[str, ...]) -> None:
    expected = bad_files(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file() and p.name != "good.py"}
    done = deloop(tmp_path, *command, "good.py", *expected)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for name, said in expected.items():
        assert len([line for line in done.stderr.splitlines() if line.startswith(f"{name}:") and said in line]) == 1, (
            name
        )
    assert "good.py:3: DL201" in done.stdout + done.stderr, "the good file was looked at"
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file() and p.name != "good.py"} == before


def test_a_folder_without_python(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = deloop(tmp_path, "check", "empty")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "empty: no Python files in it"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "secret.py"
    file.write_text(GOOD)
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read any file")
    done = deloop(tmp_path, "check", ".")
    assert done.returncode == 2
    assert "secret.py: can't be read: Permission denied" in done.stderr


def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "caf\udce9.py").write_text(GOOD)
    done = deloop(tmp_path, "check")
    assert done.returncode == 1
    assert "DL201" in done.stdout


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,000 files, most of them without a loop."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(100):
        inner = folder / f"d{number:02}"
        inner.mkdir()
        for other in range(100):
            (inner / f"m{other:02}.py").write_text(GOOD if other == 0 else "def f(a):\n    return a\n" * 5)
    return folder


def test_ten_thousand_files(many: Path) -> None:
    started = time.monotonic()
    command = [*DELOOP, "check", "--output-format", "concise"]
    done = subprocess.run(command, cwd=many, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("100 slow loops in 10,000 files")
    places = [line.split(":")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert places == [f"d{number:02}/m00.py" for number in range(100)]
    assert time.monotonic() - started < 60


def wait_for_a_child_of(pid: int) -> None:
    """Until loops are verified in a process of their own, where the system tells; a while elsewhere."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(600 if children.exists() else 30):
        if children.exists() and children.read_text().strip():
            return
        time.sleep(0.1)


def test_ctrl_c_in_the_middle(many: Path) -> None:
    process = subprocess.Popen(
        [*DELOOP, "fix"], cwd=many, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for_a_child_of(process.pid)  # long before 100 loops are verified
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "deloop: interrupted; what was not finished was not written\n")


WAITS = """
import os, signal, threading, time
from deloop.proposals.interrupts import heard_afterwards
for _ in range(THREADS):  # each may catch what the main thread blocks
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
try:
    with heard_afterwards():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        print("the end of the block")
except KeyboardInterrupt:
    print("heard", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()))
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals on this system")
@pytest.mark.parametrize("threads", [0, 3])
def test_ctrl_c_waits_while_workers_are_forked(threads: int) -> None:
    """Python runs hooks of its own after a fork, and an interrupt that falls into one is lost."""
    code = WAITS.replace("THREADS", str(threads))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.splitlines(), done.stderr) == (["the end of the block", "heard True", "False"], "")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals on this system")
def test_a_worker_hears_ctrl_c_again() -> None:
    code = """
import os, signal
from deloop.proposals.interrupts import end_when_interrupted, heard_afterwards
with heard_afterwards():
    end_when_interrupted()
    os.kill(os.getpid(), signal.SIGINT)
    print("late")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_reader_that_goes_away(many: Path) -> None:
    process = subprocess.Popen(
        [*DELOOP, "check", "--output-format", "json"], cwd=many, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(20) == 1


def test_a_full_disk_behind_stdout(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "good.py").write_text(GOOD)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*DELOOP, "check"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "deloop: output: No space left on device"


def test_check_does_without_the_heavy_libraries(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    script = (
        "import sys\nfrom deloop.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'pandas', 'libcst', 'bowler') if name in sys.modules])"
    )
    words = [sys.executable, "-c", script, "check", "--output-format", "text"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
