"""Twenty reviewers with something to decide: their sessions and tasks, and what those do that nobody looks at."""

import asyncio
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import httpx2

from tests.rx_socket import ROOT, Tab, tab

if TYPE_CHECKING:
    from uuid import UUID

    from backoffice.screening.types import Finding, Screening

WORK = f"{ROOT}.backoffice___state___review___work____work_state"
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
AT_ONCE = 6
PICTURES = 24
"""Different documents; each is used for many tasks."""
PATIENCE = 60
MISMATCH = ("name_mismatch",)


@dataclass(frozen=True)
class Seats:
    """The sessions' secrets: of the one who is measured, and of the others."""

    first: str
    others: tuple[str, ...]


async def staff(others: int, tasks: int) -> Seats:
    """Make the reviewers, signed in, and give them so many tasks."""
    from backoffice import db
    from backoffice.adapters import live

    secrets = [await _reviewer(number) for number in range(others + 1)]
    await _give(tasks)
    await live.close()
    await db.close()
    return Seats(secrets[0], tuple(secrets[1:]))


async def _reviewer(number: int) -> str:
    from backoffice.db import Tenancy, transaction
    from backoffice.models.members import Member, Role
    from backoffice.services import sessions
    from backoffice.services.sessions import Visitor

    row = Member(
        email=f"reviewer{number}@bench.example",
        name=f"Reviewer {number}",
        role=Role.REVIEWER,
        password_hash="-",  # noqa: S106 nobody signs in with it
    )
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
        await session.flush()
        _, secret = await sessions.begin(session, row, Visitor(), is_complete=True)
    return secret


async def _give(tasks: int) -> None:
    from backoffice.db import transaction
    from backoffice.services import partners
    from backoffice.services.access import Actor

    system = Actor.system(name="bench")
    async with transaction(system.tenancy) as session:
        partner = await partners.by_slug(session, system, "acme")
    if partner is None:
        raise SystemExit("the demo's cast is not there")
    kinds = [_Document(number) for number in range(PICTURES)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await kinds[number % PICTURES].arrive(partner.id, number)

    await asyncio.gather(*(one(number) for number in range(tasks)))


class _Document:
    """One passport or card as a partner posts it, with what screening found of it and one doubt for a person."""

    def __init__(self, number: int) -> None:
        from backoffice.demo import specimen
        from backoffice.demo.plan import history
        from backoffice.demo.recorded import recordings

        known = recordings()
        clean = [row for row in history() if row.condition == "photo" and row.number in known]
        self._row = clean[number]
        self._pages = specimen.files(self._row.kind, self._row.seed, self._row.condition)
        self._found: Screening | None = None

    async def arrive(self, partner_id: "UUID", number: int) -> None:
        from backoffice.db import transaction
        from backoffice.demo import specimen
        from backoffice.demo.recorded import Recorded
        from backoffice.models.documents import DocumentType, Side
        from backoffice.services import intake, screenings
        from backoffice.services.access import Actor

        actor, system = Actor.system(partner_id, name="bench"), Actor.system(name="bench")
        submission = intake.Submission(
            uploads=[intake.Upload(Side(page.side), BytesIO(page.data)) for page in self._pages],
            type=DocumentType(self._row.kind),
            personal=specimen.applicant(self._row.kind, self._row.seed),
            has_applicant=True,
            external_id=f"bench-{number}",
            metadata={},
        )
        stored = await intake.store(actor, submission)
        async with transaction(system.tenancy) as session:
            document = await intake.keep(session, actor, stored)
            assignment = await screenings.begin(session, system, document.id)  # before the worker hears of it
        if assignment is None:
            return
        if self._found is None:
            found = await screenings.run(assignment, Recorded(self._row.number), timeout=PATIENCE)
            self._found = replace(found, findings=tuple(_doubt(one) for one in found.findings))
        pictures = await screenings.store_pictures(assignment, self._found)
        async with transaction(system.tenancy) as session:
            await screenings.complete(session, system, assignment, self._found, pictures)


def _doubt(finding: "Finding") -> "Finding":
    if finding.name != "applicant_match":
        return finding
    return replace(finding, status="warning", reasons=MISMATCH, summary="The name differs in one letter.")


def work(url: str, cookies: Sequence[str], thinks: float) -> None:
    """Sit at the desks until this process is ended."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit))
    asyncio.run(_work(url, cookies, thinks))


async def _work(url: str, cookies: Sequence[str], thinks: float) -> None:
    dice = random.Random(1)  # noqa: S311 a pace
    await asyncio.gather(*(_sit(url, cookie, thinks, dice) for cookie in cookies))


async def _sit(url: str, cookie: str, thinks: float, dice: random.Random) -> None:
    """Look at a task and its picture, think, approve, and go where the product sends one, as a browser does."""
    await asyncio.sleep(dice.uniform(0, thinks))
    cookies = {"sid": cookie}
    async with (
        httpx2.AsyncClient(base_url=url, cookies=cookies) as browser,
        tab(url, cookie=f"sid={cookie}", path="/review/work") as desk,
    ):
        followed = 0
        while True:
            named = await _follow(desk, followed)
            if named is None:
                return
            followed = named
            shown = desk.shown("work_state").get("desk") or {}
            for page in shown.get("pages") or ():
                (await browser.get(page["src"])).raise_for_status()
            await asyncio.sleep(dice.uniform(0.5, 1.5) * thinks)
            del desk.raw[:-1]
            await _approve(desk, shown["task_id"], followed)


async def _approve(desk: Tab, task_id: str, followed: int) -> None:
    """Approve, and say that the next task is painted, as a browser does; then the address follows."""
    path = f"/review/work/{task_id}"
    await desk.send(f"{WORK}.approve", {"task_id": task_id}, path)
    await desk.until(lambda tab_: _is_sent_on(followed, tab_) or not _shows(task_id, tab_), PATIENCE)
    if not _is_sent_on(followed, desk):
        await desk.send(f"{WORK}.follow", {"task_id": desk.shown("work_state")["desk"]["task_id"]}, path)


async def _follow(desk: Tab, followed: int) -> int | None:
    """Go to each address that the product names until a task is on the desk; answers how many it has named.

    None when nothing is left to decide.
    """
    while True:
        await desk.until(partial(_is_sent_on, followed), PATIENCE)
        if _is_done(desk):
            return None
        followed, path = len(desk.redirects), desk.redirects[-1]
        await desk.send(LOAD, path=path)
        if path.rstrip("/") != "/review/work":
            await desk.until(partial(_shows, path.rpartition("/")[2]), PATIENCE)
            return followed


def _is_sent_on(followed: int, desk: Tab) -> bool:
    return len(desk.redirects) > followed or _is_done(desk)


def _is_done(desk: Tab) -> bool:
    return desk.shown("work_state").get("status") == "empty"


def _shows(task_id: str, desk: Tab) -> bool:
    return desk.shown("work_state")["desk"]["task_id"] == task_id
