"""What a person reads while a command works: a line per step, and one sentence when it cannot go on."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import NoReturn

from rich.console import Console

from backoffice.errors import BackofficeError

out = Console(highlight=False)
_LABEL_WIDTH = 46


class Stop(SystemExit):
    """The command cannot go on; the sentence says why and what to do."""


def stop(sentence: str) -> NoReturn:
    """End the command with one sentence."""
    raise Stop(sentence)


@contextmanager
def step(label: str, *, hint: str = "") -> Generator[None]:
    """Show a step while it runs and how long it took."""
    started = monotonic()
    shown = f"{label} ({hint})" if hint else label
    if out.is_terminal:
        with out.status(f"{shown} …"):
            yield
    else:
        sys.stdout.write(f"· {shown} …\n")
        sys.stdout.flush()
        yield
    out.print(f"[green]✓[/green] {label:<{_LABEL_WIDTH}} [dim]{monotonic() - started:6.1f} s[/dim]")
    sys.stdout.flush()


@contextmanager
def explain() -> Generator[None]:
    """Turn what we know how to say into one sentence; everything else keeps its traceback."""
    try:
        yield
    except BackofficeError as error:
        stop(str(error))
    except KeyboardInterrupt:
        stop("Stopped.")
