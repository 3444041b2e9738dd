"""docs/benchmarks.md: a section for each part, with the machine and the day it was measured on."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import psutil

REPORT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# What was measured

Written by `make bench`: every figure is a ratio, or processor time, of one run on one machine. Absolute numbers are
there to read the ratios by; they say nothing about another machine. Each section says when it was measured;
`python -m bench NAME --keep` measures one anew.
"""
MARK = "## "


def keep(parts: Sequence[ModuleType], found: Mapping[ModuleType, str]) -> None:
    """Write what was measured now in the place of what was; the others stay, in the order of the parts."""
    before = sections(REPORT.read_text()) if REPORT.exists() else {}
    now = {part.TITLE: section(part, said, when()) for part, said in found.items()}
    kept = [(before | now).get(part.TITLE, "") for part in parts]
    REPORT.write_text("\n".join([HEAD, *(text for text in kept if text)]))


def sections(text: str) -> dict[str, str]:
    """Take a report apart by the titles of its sections."""
    found = ("\n" + text).split(f"\n{MARK}")[1:]
    return {one.partition("\n")[0]: f"{MARK}{one.rstrip()}\n" for one in found}


def section(part: ModuleType, said: str, measured: str) -> str:
    what = " ".join((part.__doc__ or "").split())
    wanted = f"{part.TARGET} What is left: {part.LEFT}"
    return f"{MARK}{part.TITLE}\n\n{what}\n\n```text\n{said}\n```\n\n{wanted}\n\n{measured}\n"


def when() -> str:
    memory = psutil.virtual_memory().total / 2**30
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python {platform.python_version()}"
    return f"Measured on {machine}, {datetime.now(UTC):%Y-%m-%d}."
