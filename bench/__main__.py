"""Runs every measurement and writes what it found to docs/benchmarks.md; each is bounded and stays on this machine.

`python -m bench post_documents` runs one part and writes nothing.
"""

import io
import os
import platform
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import psutil

from bench import key_check, list_documents, post_documents, walk_events, webhooks

PARTS = (post_documents, key_check, list_documents, walk_events, webhooks)
REPORT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# What was measured

Written by `make bench`: every figure is a ratio, or processor time, of one run on one machine. Absolute numbers are
there to read the ratios by; they say nothing about another machine.

{machine}, {when}.
"""


class Tee(io.StringIO):
    """Shows what is printed while it is kept."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def measured(part: ModuleType) -> tuple[int, str]:
    """Run one part; answer its exit code and what it printed."""
    said = Tee()
    with redirect_stdout(said):
        code = part.main()
        print()
    return code, said.getvalue().strip()


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python {platform.python_version()}"


def section(part: ModuleType, said: str) -> str:
    what = " ".join((part.__doc__ or "").split())
    return f"## {part.TITLE}\n\n{what}\n\n```text\n{said}\n```\n\n{part.TARGET} What is left: {part.LEFT}\n"


def main() -> int:
    wanted = [part for part in PARTS if part.__name__.rpartition(".")[2] in sys.argv[1:]] or list(PARTS)
    found = [(part, *measured(part)) for part in wanted]
    if len(found) == len(PARTS):
        head = HEAD.format(machine=machine(), when=f"{datetime.now(UTC):%Y-%m-%d}")
        REPORT.write_text("\n".join([head, *(section(part, said) for part, _, said in found)]))
    return max(code for _, code, _ in found)


if __name__ == "__main__":
    raise SystemExit(main())
