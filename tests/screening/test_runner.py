"""The process that the worker leans on: it answers, it dies alone, and it never outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from backoffice import specimens
from backoffice.screening.runner import Screener
from backoffice.screening.types import Declared, SourceFile
from tests.screening.conftest import READ_ALONE, files_of

FRENCH = Declared(issuing_country="FRA")


@pytest_asyncio.fixture(scope="session")
async def screener() -> AsyncIterator[Screener]:
    screener = Screener()
    await screener.warm()
    yield screener
    await screener.close()


async def test_a_document_comes_back_whole(screener: Screener, today: date) -> None:
    holder = specimens.person(31)
    declared = Declared(surname=holder.surname, given_names=holder.given_names, date_of_birth=holder.date_of_birth)
    screening = await screener.screen(files_of("passport", holder), declared, today=today)
    assert tuple(finding.name for finding in screening.findings) == READ_ALONE
    assert screening.value("document_number") == holder.document_number
    assert screening.derivatives[0].data.startswith(b"\xff\xd8\xff")
    field = next(field for field in screening.extracted if field.name == "surname")
    assert isinstance(field.box, tuple)


async def test_a_killed_process_costs_findings_and_the_next_document_is_read(
    screener: Screener, today: date, jpeg: bytes
) -> None:
    files = [SourceFile("front", "image/jpeg", jpeg)]
    await screener.warm()
    victim = screener.pid
    assert victim
    reading = asyncio.create_task(screener.screen(files * 6, FRENCH, today=today))
    await asyncio.sleep(0.2)
    os.kill(victim, signal.SIGKILL)
    screening = await reading
    found = {finding.name: finding.status for finding in screening.findings}
    assert found.pop("file_safety") == "passed"
    assert set(found.values()) == {"error"}
    assert len(screening.derivatives) == 12
    again = await screener.screen(files, Declared(), today=today)
    mrz = again.finding("mrz")
    assert mrz
    assert mrz.status == "passed"
    assert screener.pid != victim


async def test_a_reader_that_hangs_is_stopped_in_time(today: date, jpeg: bytes) -> None:
    screener = Screener("tests.screening.children.hanging")
    started = time.monotonic()
    screening = await screener.screen([SourceFile("front", "image/jpeg", jpeg)], FRENCH, today=today, timeout=1)
    assert time.monotonic() - started < 10
    finding = screening.finding("text")
    assert finding
    assert (finding.status, finding.reasons) == ("error", ("check_unavailable",))
    assert screening.derivatives
    unsaid = await screener.screen([SourceFile("front", "image/jpeg", jpeg)], Declared(), today=today, timeout=1)
    assert (unsaid.derivatives, unsaid.masking) == ((), ("unknown",))  # it may show a number that is covered first
    await screener.close()


async def test_pictures_can_be_made_without_reading(screener: Screener, jpeg: bytes) -> None:
    made = await screener.view_of(SourceFile("front", "image/jpeg", jpeg))
    assert made
    assert len(made[1]) < len(made[0])
    assert await screener.view_of(SourceFile("front", "image/jpeg", b"\xff\xd8\xff")) is None


_PARENT = """
import asyncio, sys
sys.path.insert(0, {root!r})
from backoffice.screening.runner import Screener
async def main():
    screener = Screener()
    await screener.warm()
    print(screener.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.slow
def test_children_end_when_the_worker_is_killed() -> None:
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen([sys.executable, "-c", _PARENT.format(root=root)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        children = [child, *_children_of(child)]
        assert len(children) > 1
        parent.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(_is_alive(pid) for pid in children):
        time.sleep(0.05)
    assert not [pid for pid in children if _is_alive(pid)]


def _children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
