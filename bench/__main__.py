"""Runs every measurement and writes what it found to docs/benchmarks.md; each is bounded and stays on this machine.

`python -m bench post_documents` runs one part and writes nothing; `accuracy` writes its own page, docs/screening.md.
"""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import psutil

from bench import (
    accuracy,
    audit_append,
    audit_verify,
    dashboard_push,
    key_check,
    key_rotation,
    lighthouse,
    list_documents,
    list_paint,
    list_views,
    post_documents,
    review_desk,
    review_queue,
    walk_events,
    webhooks,
)

PARTS = (
    post_documents,
    key_check,
    list_documents,
    list_paint,
    list_views,
    review_queue,
    review_desk,
    dashboard_push,
    lighthouse,
    walk_events,
    webhooks,
    accuracy,
    audit_append,
    audit_verify,
    key_rotation,
)
REPORT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# What was measured

Written by `make bench`: every figure is a ratio, or processor time, of one run on one machine. Absolute numbers are
there to read the ratios by; they say nothing about another machine.

{machine}, {when}.
"""


def measured(part: ModuleType) -> tuple[int, str]:
    """Run one part in a process of its own, and show what it prints while it is kept; answers its exit code too."""
    line, said = [sys.executable, "-m", "bench", name_of(part)], list[str]()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        for words in process.stdout or ():
            print(words, end="", flush=True)
            said.append(words)
    print()
    return process.returncode, "".join(said).strip()


def name_of(part: ModuleType) -> str:
    return part.__name__.rpartition(".")[2]


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python {platform.python_version()}"


def section(part: ModuleType, said: str) -> str:
    what = " ".join((part.__doc__ or "").split())
    return f"## {part.TITLE}\n\n{what}\n\n```text\n{said}\n```\n\n{part.TARGET} What is left: {part.LEFT}\n"


def main() -> int:
    named = [part for part in PARTS if name_of(part) in sys.argv[1:]]
    if len(named) < len(sys.argv) - 1:
        print(f"there is no such part; these are: {', '.join(map(name_of, PARTS))}")
        return 2
    if named:
        return max(part.main() for part in named)
    found = [(part, *measured(part)) for part in PARTS]
    if not any(code for _, code, _ in found):
        head = HEAD.format(machine=machine(), when=f"{datetime.now(UTC):%Y-%m-%d}")
        REPORT.write_text("\n".join([head, *(section(part, said) for part, _, said in found)]))
    return max(code for _, code, _ in found)


if __name__ == "__main__":
    raise SystemExit(main())
