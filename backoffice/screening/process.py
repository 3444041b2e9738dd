"""A child process that may crash or hang without hurting anybody: asked over pipes, killed when late, replaced."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from backoffice.screening import frames

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"
_WRITER_SECONDS = 5.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_WAIT_POLICY": "PASSIVE"}


class ChildLostError(Exception):
    """The child died or was killed because it was late or too big; `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"The screening process was lost ({kind}).")
        self.kind = kind


class Child:
    """One replaceable process running `module.main`, which answers one message at a time on stdin and stdout."""

    def __init__(self, module: str, *, uses: int, most_bytes: int) -> None:
        self._module, self._uses, self._most_bytes = module, uses, most_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: threading.Thread | None = None
        self._left = 0
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id while it runs, for supervision and tests."""
        return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the process ahead of the first question, because starting costs more than answering."""
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no outside input
                [sys.executable, "-I", "-c", _START.format(root=_ROOT, module=self._module)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
            self._left = self._uses

    def ask(self, message: frames.Message, blobs: list[bytes], *, timeout: float) -> tuple[frames.Message, list[bytes]]:
        """Ask one question, wait at most `timeout` seconds; raises `ChildLostError` after killing a lost child."""
        with self._lock:
            self.warm()
            try:
                answer = self._exchange(message, blobs, time.monotonic() + timeout)
            except frames.LateError:
                self.kill()
                raise ChildLostError("late") from None
            except frames.ClosedError:
                self.kill()
                raise ChildLostError("died") from None
            self._left -= 1
            if self._left <= 0 or self._resident() > self._most_bytes:
                self.kill()
            return answer

    def _exchange(
        self, message: frames.Message, blobs: list[bytes], deadline: float
    ) -> tuple[frames.Message, list[bytes]]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise frames.ClosedError
        writer = threading.Thread(target=_quiet_send, args=(process.stdin.fileno(), message, blobs), daemon=True)
        self._writer = writer
        writer.start()
        answer = frames.receive(process.stdout.fileno(), deadline=deadline)
        writer.join(max(0.0, deadline - time.monotonic()))
        if writer.is_alive():
            raise frames.LateError
        return answer

    def kill(self) -> None:
        """End the process at once and reap it; the next question starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if self._writer is not None:
            # a pipe that is closed under a writer lets it go on into the next child's, which gets the same number
            self._writer.join(_WRITER_SECONDS)
            if self._writer.is_alive():
                return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _resident(self) -> int:
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


def _quiet_send(pipe: int, message: frames.Message, blobs: list[bytes]) -> None:
    """Write beside the reader, so that a child that never reads cannot block the asker; the reader sees the end."""
    with contextlib.suppress(frames.ClosedError):
        frames.send(pipe, message, blobs)
