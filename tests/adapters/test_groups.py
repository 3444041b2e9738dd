"""A step of the start leaves nothing running, however it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from backoffice.adapters import groups

PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60 if len(sys.argv) < 3 else 0)
"""
PATIENCE_SECONDS = 15


def family(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-c", PARENT, str(folder / "pid"), *arguments]


def written(path: Path) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def wait_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.02)
    raise AssertionError(f"{pid} still runs")


def test_both_outputs_and_the_code_come_back(tmp_path):
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = groups.run([sys.executable, "-u", "-c", script], cwd=tmp_path, env=os.environ)
    assert (done.returncode, done.stdout.split()) == (3, ["out", "err"])


def test_what_a_finished_command_left_behind_goes(tmp_path):
    with (tmp_path / "log").open("w") as log:
        groups.run(family(tmp_path, "leave"), cwd=tmp_path, env=os.environ, output=log)
    wait_gone(written(tmp_path / "pid"))


def test_leaving_the_block_ends_what_other_threads_run(tmp_path):
    answers: list[int] = []
    with pytest.raises(KeyboardInterrupt), groups.ended():
        thread = threading.Thread(
            target=lambda: answers.append(groups.run(family(tmp_path), cwd=tmp_path, env=os.environ).returncode)
        )
        thread.start()
        grandchild = written(tmp_path / "pid")
        raise KeyboardInterrupt
    thread.join(PATIENCE_SECONDS)
    assert answers == [-signal.SIGTERM]
    wait_gone(grandchild)


def test_an_interrupted_caller_takes_the_whole_group_along(tmp_path):
    script = f"""
import os, pathlib, signal
from backoffice.adapters import groups
signal.signal(signal.SIGTERM, lambda *_: exit(1))
groups.run({family(tmp_path)!r}, cwd=pathlib.Path({str(tmp_path)!r}), env=os.environ)
"""
    with subprocess.Popen([sys.executable, "-c", script]) as caller:
        grandchild = written(tmp_path / "pid")
        caller.terminate()
        assert caller.wait(PATIENCE_SECONDS) == 1
    wait_gone(grandchild)
