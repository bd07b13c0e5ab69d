"""`deloop record`: real runs of small programs and test suites. The program goes on as if nobody watched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from recording_help import FLOW, LIGHT, deloop, files, ran, recorded

from deloop.equivalence.recordings import runs_in

MAIN = """\
import sys

import pandas as pd
from flow import Book, doubled, total

for n in (0, 3, 10, 2000):
    total(pd.DataFrame({"a": [k * 0.5 for k in range(n)]}))
print(Book([1.0, 2.5]).costs(3), doubled([1, 2]))
"""


# ---- what is recorded


def test_a_script_and_its_modules_are_recorded(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": FLOW, "main.py": MAIN})
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "[5.0, 9.5] [2, 4]\n")
    assert "flow.py:20 in total" in done.stderr and "the recorder took, as measured" in done.stderr
    (run,) = runs_in(tmp_path)
    one = ran(run, "total")
    assert (one.calls, one.rounds) == (4, 2013)
    assert 0 < one.seconds < run.seconds
    assert [kept.raised for kept in one.kept] == [False] * 4
    assert 0 < run.own < run.seconds


def test_the_loops_of_a_script_itself_are_recorded(tmp_path: Path) -> None:
    text = (
        "import sys\n\nout = []\nfor x in [1.5, 2.5]:\n    out.append(x * 2)\n"
        "print(out, sys.argv, __name__, __file__)\n"
    )
    files(tmp_path, {"tool.py": text})
    done = deloop("record", "--", sys.executable, "-X", "dev", "tool.py", "--word", "x y", cwd=tmp_path)
    assert done.stdout == f"[3.0, 5.0] ['tool.py', '--word', 'x y'] __main__ {tmp_path / 'tool.py'}\n", done.stderr
    (run,) = runs_in(tmp_path)
    assert [(one.calls, one.rounds, len(one.kept)) for one in run.ran] == [(1, 2, 1)]


def test_a_module_that_is_run_is_recorded(tmp_path: Path) -> None:
    files(tmp_path, {"pack/__init__.py": "", "pack/__main__.py": "out = []\nfor x in [1, 2]:\n    out.append(x * 2)\n"})
    assert ran(recorded(tmp_path, sys.executable, "-m", "pack"), "<module>").calls == 1


def test_the_tests_of_a_project_are_recorded(tmp_path: Path) -> None:
    test = (
        "import pandas as pd\nfrom flow import total\n\n\n"
        "def test_total():\n    assert total(pd.DataFrame({'a': [1]})) == [3]\n"
    )
    files(tmp_path, {"flow.py": FLOW, "test_flow.py": test, "conftest.py": ""})
    run = recorded(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert ran(run, "total").calls == 1
    assert len(ran(run, "total").kept) == 1


def test_the_workers_of_xdist_are_recorded(tmp_path: Path) -> None:
    test = (
        "import pytest\nfrom flow import doubled\n\n\n"
        "@pytest.mark.parametrize('n', range(8))\n"
        "def test_doubled(n):\n    assert len(doubled([1.0] * n)) == n\n"
    )
    flow = FLOW[FLOW.index("def doubled") :]
    files(tmp_path, {"flow.py": flow, "test_flow.py": test, "conftest.py": ""})
    run = recorded(tmp_path, sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider")
    assert (ran(run, "doubled").calls, ran(run, "doubled").rounds) == (8, sum(range(8)))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing_are_recorded(tmp_path: Path, method: str) -> None:
    text = (
        "import multiprocessing as mp\nfrom flow import doubled\n\n\n"
        "def work(n):\n    for k in range(60):\n        doubled(list(range(n)))\n    return n\n\n\n"
        "if __name__ == '__main__':\n"
        f"    with mp.get_context('{method}').Pool(2) as pool:\n        print(pool.map(work, [1, 2, 3, 4]))\n"
        "        pool.close()\n        pool.join()\n"
    )
    files(tmp_path, {"flow.py": LIGHT, "tool.py": text})
    done = deloop("record", "--", sys.executable, "tool.py", cwd=tmp_path)
    assert done.stdout == "[1, 2, 3, 4]\n", done.stderr
    (run,) = runs_in(tmp_path)
    assert ran(run, "doubled").calls == 240
    assert ran(run, "doubled").kept


def test_a_script_that_the_program_starts_is_recorded(tmp_path: Path) -> None:
    outer = "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, 'inner.py']))\n"
    files(tmp_path, {"outer.py": outer, "inner.py": "out = []\nfor x in [1, 2]:\n    out.append(x * 2)\n"})
    assert ran(recorded(tmp_path, sys.executable, "outer.py"), "<module>").calls == 1


def test_inputs_are_the_first_and_those_of_a_new_kind(tmp_path: Path) -> None:
    main = (
        "import numpy as np\nimport pandas as pd\nfrom flow import total\n"
        "for k in range(50):\n    total(pd.DataFrame({'a': [1.0, 2.0]}))\n"
        "total(pd.DataFrame({'a': [1, 2]}))\n"
        "total(pd.DataFrame({'a': [1.0, np.nan]}))\n"
        "total(pd.DataFrame({'a': [1.0, 2.0]}, index=['x', 'x']))\n"
        "total(pd.DataFrame({'a': [1.0] * 70}))\n"
    )
    files(tmp_path, {"flow.py": FLOW, "main.py": main})
    run = recorded(tmp_path, sys.executable, "main.py")
    kinds = [kept.kind for kept in ran(run, "total").kept]
    assert len(kinds) == 7 and kinds.count(kinds[0]) == 3, kinds
    for word in ("int64", "float64 missing", "repeated", "n<=100"):
        assert sum(word in kind for kind in kinds) == 1


def test_an_object_is_kept_without_what_cant_be_copied(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": FLOW, "main.py": MAIN})
    run = recorded(tmp_path, sys.executable, "main.py")
    assert len(ran(run, "Book.costs").kept) == 1  # it has a lock


def test_what_cant_be_kept_is_said_and_not_used_up(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT, "main.py": "from flow import doubled\nprint(doubled(x for x in [1, 2, 3]))\n"})
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path)
    assert done.stdout == "[2, 4, 6]\n"
    assert "flow.py:27: 1 input not kept: holds an iterator (generator)" in done.stderr


def test_large_inputs_are_not_kept(tmp_path: Path) -> None:
    main = "import numpy as np\nfrom flow import doubled\ndoubled(np.zeros((3, 2_000_000)))\n"
    files(tmp_path, {"flow.py": LIGHT, "main.py": main})
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path)
    assert "flow.py:27: 1 input not kept: is larger than 8 MB" in done.stderr, done.stderr


def test_loops_that_yield_or_are_compiled_are_left_alone(tmp_path: Path) -> None:
    text = (
        "def njit(function):\n    assert not any('deloop' in n for n in function.__code__.co_names)\n"
        "    return function\n\n\n"
        "@njit\ndef compiled(xs):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out\n\n\n"
        "def handed(xs):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out\n\n\n"
        "fast = njit(handed)\nimport flow\nprint(compiled([1]), fast([2]), njit(flow.doubled)([3]))\n"
    )
    files(tmp_path, {"tool.py": text, "flow.py": LIGHT})
    done = deloop("record", "--", sys.executable, "tool.py", cwd=tmp_path)
    assert done.stdout == "[2] [4] [6]\n", done.stderr
    assert "`handed` is compiled" in done.stderr and "`doubled` is compiled" in done.stderr


def test_earlier_runs_go_unless_they_are_to_stay(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT, "main.py": "from flow import doubled\ndoubled([1])\n"})
    recorded(tmp_path, sys.executable, "main.py")
    recorded(tmp_path, sys.executable, "main.py")
    deloop("record", "--add", "--", sys.executable, "main.py", cwd=tmp_path)
    assert len(runs_in(tmp_path)) == 2


def test_git_leaves_the_folder_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    files(tmp_path, {"flow.py": LIGHT, "main.py": "from flow import doubled\ndoubled([1])\n"})
    recorded(tmp_path, sys.executable, "-B", "main.py")
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True)
    assert status.stdout == "?? flow.py\n?? main.py\n"


# ---- the program is not disturbed


def test_the_exit_status_is_that_of_the_command(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT, "main.py": "import sys\nfrom flow import doubled\ndoubled([1])\nsys.exit(7)\n"})
    assert deloop("record", "--", sys.executable, "main.py", cwd=tmp_path).returncode == 7


def test_a_command_that_is_killed_is_told_as_a_shell_does(tmp_path: Path) -> None:
    files(
        tmp_path,
        {"flow.py": LIGHT, "main.py": "import os\nfrom flow import doubled\ndoubled([1])\nos.kill(os.getpid(), 9)\n"},
    )
    assert deloop("record", "--", sys.executable, "main.py", cwd=tmp_path).returncode == 128 + signal.SIGKILL


def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT})
    done = deloop("record", "--", "not-there-at-all", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "deloop: not-there-at-all: no such command\n")
    assert not (tmp_path / ".deloop").exists()


def test_a_traceback_has_the_lines_of_the_file(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT, "main.py": "from flow import doubled\ndoubled([1, None])\n"})
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path)
    assert done.returncode == 1
    assert 'flow.py", line 28, in doubled\n    out.append(value * 2)' in done.stderr
    (run,) = runs_in(tmp_path)
    assert [kept.raised for kept in ran(run, "doubled").kept] == [True]


def test_the_names_of_the_program_are_what_they_were(tmp_path: Path) -> None:
    text = (
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return sorted(locals())\n\n\n"
        "print(f([1]), [n for n in globals() if 'deloop' in n])\n"
        "try:\n    for x in [1]:\n        raise KeyError(x)\nexcept KeyError as e:\n    print(repr(e), e.__context__)\n"
        "def g(xs):\n    total = 0\n    for x in xs:\n        if x > 1:\n            return total\n        total += x\n"
        "    else:\n        return 'else'\n\n\nprint(g([1, 5]), g([]))\n"
        "for n in range(2):\n    for x in [1, 2]:\n        if x == 2:\n            break\n"
        "    else:\n        print('no')\n    continue\n"
    )
    files(tmp_path, {"tool.py": text})
    plain = subprocess.run([sys.executable, "tool.py"], cwd=tmp_path, capture_output=True, text=True)
    done = deloop("record", "--", sys.executable, "tool.py", cwd=tmp_path)
    assert (done.stdout, done.returncode) == (plain.stdout, 0), done.stderr


def test_the_own_sitecustomize_of_an_environment_still_runs(tmp_path: Path) -> None:
    files(tmp_path, {"site/sitecustomize.py": "import sys\nsys.from_site = True\n", "flow.py": LIGHT})
    main = (
        "import sys\nfrom flow import doubled\n"
        "print(doubled([1]), sys.from_site, [p for p in sys.path if 'startup' in p])\n"
    )
    files(tmp_path, {"main.py": main})
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path, PYTHONPATH=path)
    assert done.stdout == "[2] True []\n", done.stderr


def test_loaders_that_compile_their_own_way_are_left_alone(tmp_path: Path) -> None:
    main = (
        "import importlib.util\nfrom importlib.machinery import SourceFileLoader\n\n\n"
        "class Loader(SourceFileLoader):\n    def source_to_code(self, data, path, **more):\n"
        "        return super().source_to_code(data.replace(b'value * 2', b'value * 3'), path)\n\n\n"
        "spec = importlib.util.spec_from_loader('flow', Loader('flow', 'flow.py'))\n"
        "flow = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(flow)\nprint(flow.doubled([1]))\n"
    )
    files(tmp_path, {"flow.py": LIGHT, "main.py": main})
    assert deloop("record", "--", sys.executable, "-B", "main.py", cwd=tmp_path).stdout == "[3]\n"


def test_a_recorder_that_fails_does_not_harm(tmp_path: Path) -> None:
    """The program removes the folder in which everything is to be written."""
    main = (
        "import os, shutil\nfrom flow import doubled\n"
        "shutil.rmtree(os.path.dirname(os.environ['DELOOP_RECORD']))\nprint(doubled([1]))\n"
    )
    files(tmp_path, {"flow.py": LIGHT, "main.py": main})
    done = deloop("record", "--", sys.executable, "main.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "[2]\n")
    assert "nothing was recorded" in done.stderr


def test_ctrl_c_is_for_the_program(tmp_path: Path) -> None:
    main = (
        "import time\nfrom flow import doubled\ndoubled([1])\n"
        "try:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('asked to stop')\n"
    )
    files(tmp_path, {"flow.py": LIGHT, "main.py": main})
    command = [sys.executable, "-m", "deloop", "record", "--", sys.executable, "main.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "asked to stop\n"
        assert "flow.py:27 in doubled" in process.stderr.read()
    assert process.returncode == 0


# ---- where the time went


def test_check_sorts_by_the_time_that_was_recorded(tmp_path: Path) -> None:
    main = (
        "import pandas as pd\nfrom flow import doubled, total\ndoubled([1])\ntotal(pd.DataFrame({'a': [1.0] * 500}))\n"
    )
    files(tmp_path, {"flow.py": FLOW, "main.py": main})
    recorded(tmp_path, sys.executable, "main.py")
    done = deloop("check", "--profile", "--output-format", "json", ".", cwd=tmp_path)
    rows = json.loads(done.stdout)["findings"]
    assert [row["function"] for row in rows] == ["total", "doubled", "Book.costs"]
    assert rows[0]["profile"]["calls"] == 1 and rows[0]["profile"]["rounds"] == 500
    assert 0 < rows[0]["profile"]["share"] < 1
    assert rows[2]["profile"] == {"calls": 0, "rounds": 0, "seconds": 0.0, "share": 0.0}
    lines = deloop("check", "--profile", ".", cwd=tmp_path).stdout.splitlines()
    shown = [line.strip() for line in lines if "recorded: " in line]
    assert "of the time" in shown[0] and "in 1 call, 500 rounds" in shown[0]
    assert shown[2] == "recorded: never ran"


def test_a_file_that_changed_has_no_profile_and_says_so(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT, "main.py": "from flow import doubled\ndoubled([1])\n"})
    recorded(tmp_path, sys.executable, "main.py")
    files(tmp_path, {"flow.py": LIGHT + "\n"})
    done = deloop("check", "--profile", ".", cwd=tmp_path)
    assert "flow.py: has changed since it was recorded" in done.stderr
    assert "of the time" not in done.stdout


def test_check_without_a_record_says_what_to_do(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": LIGHT})
    assert "run `deloop record -- COMMAND` first" in deloop("check", "--profile", ".", cwd=tmp_path).stderr


# ---- what verify makes of it


def test_verify_replays_what_was_recorded(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": FLOW, "main.py": MAIN})
    recorded(tmp_path, sys.executable, "main.py")
    done = deloop("verify", "--output-format", "json", "flow.py", cwd=tmp_path)
    rows = {row["function"]: row for row in json.loads(done.stdout)["findings"]}
    for function, inputs in (("total", 4), ("Book.costs", 1), ("doubled", 1)):
        evidence = rows[function]["evidence"]
        assert evidence["verdict"] == "verified" and evidence["recorded"]["agree"] == inputs, evidence
        assert "recorded" in evidence["kinds"]
    assert "4 recorded inputs agree" in deloop("fix", "flow.py", cwd=tmp_path).stderr


def test_a_stale_recording_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    files(tmp_path, {"flow.py": FLOW, "main.py": "from flow import doubled\ndoubled([1])\n"})
    recorded(tmp_path, sys.executable, "main.py")
    files(tmp_path, {"flow.py": FLOW.replace("SCALE = 2.0", "SCALE = 3.0")})
    done = deloop("verify", "flow.py", cwd=tmp_path)
    assert "flow.py: has changed since it was recorded" in done.stderr
    assert "recorded input" not in done.stdout
