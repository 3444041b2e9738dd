"""Keeps the product's processes running and stops them together."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import psutil

from backoffice.adapters import lifeline

STOP_SECONDS = 25.0
"""Longer than a worker's grace time."""
STEADY_SECONDS = 10.0
"""A child that lived so long started well; its next death is a new story."""
QUICK_DEATHS = 5
"""After so many in a row a child that was never steady does not start at all; others are started again for ever."""
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
LEFTOVER_SECONDS = 2.0
LEFTOVER_CHECKS = 40
TAIL_LINES = 15
LINE_BYTES = 256 * 1024
LOG_BYTES = 20 * 1024 * 1024
"""A log file starts anew above this; the one before stays beside it."""
COLOURS = (36, 35, 33, 32, 34)


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep: its name in logs, its command and its whole environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]


class Supervisor:
    """Runs children in process groups of their own, so that what they start ends with them.

    With `log_dir` the output goes to `<name>.log` there, otherwise to ours with the name before each line.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        log_dir: Path | None = None,
        cwd: Path | None = None,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self._children = children
        self._log_dir = log_dir
        self._cwd = cwd
        self._stop_seconds = stop_seconds
        self._stopping = asyncio.Event()
        self._exit_code = 0

    def stop(self) -> None:
        """Begin to stop everything."""
        self._stopping.set()

    async def run(self) -> int:
        """Keep the children until a signal or `stop`; answers the exit code, 1 when a child would not start.

        Call from the main thread: signals arrive there, and children end with it.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked)
        try:
            async with asyncio.TaskGroup() as group:
                for position, child in enumerate(self._children):
                    group.create_task(self._keep(child, COLOURS[position % len(COLOURS)]))
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        return self._exit_code

    def _asked(self) -> None:
        """Say at once that a signal was heard: what is being done may take some seconds to finish."""
        if not self._stopping.is_set():
            _print("Stopping …")
        self.stop()

    async def _keep(self, child: Child, colour: int) -> None:
        """Start it again whenever it ends; whoever was killed from outside had not failed to start."""
        deaths, was_steady = 0, False
        while not self._stopping.is_set():
            tail: deque[str] = deque(maxlen=TAIL_LINES)
            began = asyncio.get_running_loop().time()
            code = await self._run_once(child, colour, tail)
            if self._stopping.is_set():
                return
            lived = asyncio.get_running_loop().time() - began
            was_steady = was_steady or lived >= STEADY_SECONDS or code == -signal.SIGKILL
            deaths = 1 if lived >= STEADY_SECONDS else deaths + 1
            _say(child, f"ended with {_reason(code)} after {lived:.1f} s")
            if deaths >= QUICK_DEATHS and not was_steady:
                self._give_up(child, tail)
                return
            await self._pause(min(FIRST_PAUSE_SECONDS * 2 ** min(deaths - 1, 10), LONGEST_PAUSE_SECONDS))

    async def _run_once(self, child: Child, colour: int, tail: deque[str]) -> int:
        output, inlet = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *lifeline.tied(child.argv, signal.SIGTERM),
                env=dict(child.env),
                cwd=self._cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=inlet,
                stderr=inlet,
                start_new_session=True,
            )
        finally:
            os.close(inlet)
        reading = asyncio.create_task(self._read(output, child, colour, tail))
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await self._end(process, ended)
        await asyncio.wait({reading}, timeout=1)
        reading.cancel()
        return process.returncode or 0

    async def _end(self, process: Process, ended: "asyncio.Task[int]") -> None:
        """Stop the whole group: what a dead child left behind, too."""
        _signal_group(process.pid, signal.SIGTERM)
        await asyncio.wait({ended}, timeout=self._stop_seconds)
        for _ in range(LEFTOVER_CHECKS):
            if not _is_group_alive(process.pid):
                break
            await asyncio.sleep(LEFTOVER_SECONDS / LEFTOVER_CHECKS)
        _signal_group(process.pid, signal.SIGKILL)
        await ended

    async def _read(self, output: int, child: Child, colour: int, tail: deque[str]) -> None:
        # A pipe of our own: asyncio's would report a child's end only when its last grandchild let go of the output.
        stream = asyncio.StreamReader(limit=LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(output, "rb", buffering=0)
        )
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(_log(self._log_dir, child.name)) if self._log_dir else None
            while line := await _line(stream):
                text = line.decode(errors="replace")
                tail.append(text.rstrip())
                if log:
                    log.write(text)
                    log.flush()
                else:
                    _print(_labelled(child.name, colour, text.rstrip()))

    def _give_up(self, child: Child, tail: Sequence[str]) -> None:
        where = f" (all of it in {self._log_dir / child.name}.log)" if self._log_dir else ""
        _say(child, f"does not start; its last lines{where}:\n" + "\n".join(f"    {line}" for line in tail))
        self._exit_code = 1
        self.stop()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """Read one line; an endless one comes in pieces."""
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.read(error.consumed)


def _log(folder: Path, name: str) -> TextIO:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        shutil.move(path, path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    return path.open("a", encoding="utf-8")


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _is_group_alive(group: int) -> bool:
    """Tell whether a group still works; where the first process of a container reaps nobody, its dead stay listed."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return any(_is_working(process, group) for process in psutil.process_iter())


def _is_working(process: psutil.Process, group: int) -> bool:
    with contextlib.suppress(OSError, psutil.Error):
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    return False


def _reason(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def _labelled(name: str, colour: int, text: str) -> str:
    return f"\x1b[{colour}m{name:>8}\x1b[0m  {text}" if sys.stdout.isatty() else f"{name}: {text}"


def _say(child: Child, sentence: str) -> None:
    _print(f"{child.name} {sentence}")


def _print(line: str) -> None:
    # Whoever read our output may be gone; that must not stop the product.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
