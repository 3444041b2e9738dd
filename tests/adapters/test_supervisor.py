"""Children are kept, and all of them end: by a signal, by stubbornness, by the parent's sudden death."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backoffice.adapters import supervisor
from backoffice.adapters.supervisor import Child, Supervisor
from backoffice.settings import child_environment

ROOT = Path(__file__).parents[2]
ENV = child_environment()


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-u", "-c", code, *arguments]


def wait_for(path: Path, seconds: float = 10) -> int:
    give_up = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < give_up, path
        time.sleep(0.02)
    return int(path.read_text())


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(*pids: int, seconds: float = 5) -> None:
    give_up = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < give_up, pids
        time.sleep(0.02)


def supervised(folder: Path, kind: str, stop_seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.adapters.supervised", str(folder), kind, str(stop_seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_children_and_grandchildren(tmp_path: Path, number: signal.Signals) -> None:
    with supervised(tmp_path, "polite", 10) as process:
        pids = wait_for(tmp_path / "child"), wait_for(tmp_path / "grandchild")
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "child: ready" in output
    wait_gone(*pids, seconds=0.5)


def test_a_child_that_ignores_the_signal_is_killed_after_the_time_out(tmp_path: Path) -> None:
    with supervised(tmp_path, "stubborn", 0.5) as process:
        pids = wait_for(tmp_path / "child"), wait_for(tmp_path / "grandchild")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert 0.4 < time.monotonic() - started < 3
    wait_gone(*pids, seconds=0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the parent's death")
def test_a_child_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", 10) as process:
        child, grandchild = wait_for(tmp_path / "child"), wait_for(tmp_path / "grandchild")
        process.kill()
    wait_gone(child)
    os.kill(grandchild, signal.SIGKILL)


async def test_a_dead_child_is_started_again_with_what_it_left_behind_removed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, subprocess, sys, time; folder = pathlib.Path(sys.argv[1])\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(120)'])\n"
        "with (folder / 'lives').open('a') as lives: print(os.getpid(), left.pid, file=lives)\n"
        "time.sleep(120)\n"
    )
    supervisor = Supervisor([Child("web", python(code, str(tmp_path)), ENV)], log_dir=tmp_path / "logs")
    running = asyncio.create_task(supervisor.run())
    first, left = (await lives(tmp_path, 1))[0]
    os.kill(first, signal.SIGKILL)
    second = (await lives(tmp_path, 2))[1][0]
    assert second != first
    assert not is_alive(left)
    supervisor.stop()
    assert await running == 0
    wait_gone(second)


async def lives(folder: Path, count: int) -> list[tuple[int, int]]:
    give_up = time.monotonic() + 10
    while True:
        text = (folder / "lives").read_text() if (folder / "lives").exists() else ""
        found = [(int(line.split()[0]), int(line.split()[1])) for line in text.splitlines()]
        if len(found) >= count:
            return found
        assert time.monotonic() < give_up, text
        await asyncio.sleep(0.02)


async def test_a_child_that_does_not_start_ends_everything_and_shows_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steady = Child("worker", python("import time; time.sleep(120)"), ENV)
    broken = Child("web", python("print('no such table'); raise SystemExit(3)"), ENV)
    assert await Supervisor([steady, broken], log_dir=tmp_path).run() == 1
    output = capsys.readouterr().out
    assert "web ended with code 3" in output
    assert "web does not start" in output
    assert "    no such table" in output
    assert (tmp_path / "web.log").read_text().count("no such table") == 5
    assert (tmp_path / "web.log").stat().st_mode & 0o077 == 0


async def test_a_child_that_is_killed_again_and_again_is_started_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0.05)
    code = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
    told, kept = tmp_path / "pid", Supervisor([Child("child", python(code, str(tmp_path / "pid")), ENV)])
    running = asyncio.create_task(kept.run())
    for _ in range(supervisor.QUICK_DEATHS + 2):
        pid = await asyncio.to_thread(wait_for, told)
        told.unlink()
        os.kill(pid, signal.SIGKILL)
    assert await asyncio.to_thread(wait_for, told)
    kept.stop()
    assert await running == 0


async def test_a_missing_program_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert await Supervisor([Child("web", ["/no/such/program"], ENV)]).run() == 1
    assert "/no/such/program" in capsys.readouterr().out


async def test_an_endless_line_and_foreign_bytes_pass(tmp_path: Path) -> None:
    write = "sys.stdout.buffer.write(b'x' * 600_000 + b'\\xff\\nend\\n'); sys.stdout.flush()"
    code = f"import sys, time; {write}; time.sleep(60)"
    supervisor = Supervisor([Child("web", python(code), ENV)], log_dir=tmp_path)
    running = asyncio.create_task(supervisor.run())
    give_up = time.monotonic() + 10
    while not (tmp_path / "web.log").exists() or "end" not in (tmp_path / "web.log").read_text():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)
    supervisor.stop()
    assert await running == 0
    assert (tmp_path / "web.log").read_text().count("x") == 600_000
