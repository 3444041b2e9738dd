"""Policies from the command line: check a file, keep it as a draft, and see what it would have done."""

from pathlib import Path
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.commands.authors import author
from backoffice.commands.console import out, stop
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.policies import Backtest, BacktestStatus
from backoffice.models.policy_counts import BETWEEN, Summary, Tally
from backoffice.services import backtests, partners, policies
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")
WORDS = {"review": "to a person", "resubmission_requested": "asked again"}


async def check(file: Path) -> int:
    """Say what is wrong with a policy, line by line; answers the exit code."""
    source = _read(file)
    async with transaction(ACTOR.tenancy) as session:
        faults = await policies.faults(session, source)
    for fault in faults:
        out.print(f"{file}:{fault.line}: {fault.message}", soft_wrap=True, highlight=False)
    if not faults:
        out.print(f"{file} can be published.")
    return 1 if faults else 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file} cannot be read: {error}.")


async def show(partner_slug: str) -> None:
    """List the versions of the house's policy, or of one partner's."""
    async with transaction(ACTOR.tenancy) as session:
        rows = await policies.versions(session, ACTOR, await _partner_id(session, partner_slug))
    table = Table("Version", "Status", "Published", "Note", box=None, pad_edge=False)
    for row in rows:
        published = f"{row.published_at:%Y-%m-%d %H:%M} UTC" if row.published_at else ""
        table.add_row(row.label, row.status, published, row.note)
    out.print(table if rows else "No policy yet: people decide everything.")


async def draft(file: Path, email: str, note: str, partner_slug: str) -> None:
    """Keep a file as a draft in somebody's name; another person publishes it on /ops/policies."""
    source = _read(file)
    async with transaction(ACTOR.tenancy) as session:
        writer = await author(session, email)
        partner_id = await _partner_id(session, partner_slug)
        row = await policies.draft(session, writer, source=source, note=note, partner_id=partner_id)
        wrong = await policies.faults(session, source)
    out.print(row.label)
    for fault in wrong:
        out.print(f"To be mended before it can be published, line {fault.line}: {fault.message}", soft_wrap=True)


async def withdraw(partner_slug: str, email: str) -> None:
    """End a partner's own policy in somebody's name; the house's rules its documents again."""
    async with transaction(ACTOR.tenancy) as session:
        ender = await author(session, email)
        partner_id = await _partner_id(session, partner_slug)
        if partner_id is None:
            stop("Name a partner: the house's policy is only replaced by another version.")
        row = await policies.withdraw(session, ender, partner_id)
    out.print(f"{row.label} is retired; the house's policy rules this partner's documents.")


async def backtest(file: Path, days: int, partner_slug: str) -> None:
    """Replay the stored checks of the last days under a file, and print what would change."""
    source = _read(file)
    async with transaction(ACTOR.tenancy) as session:
        partner_id = await _partner_id(session, partner_slug)
        row = await backtests.begin(session, ACTOR, source=source, days=days, partner_id=partner_id, is_queued=False)
    row = await _walk(row)
    async with transaction(ACTOR.tenancy) as session:
        said = await backtests.summary(session, ACTOR, row)
    _print(row, said)


async def _walk(row: Backtest) -> Backtest:
    columns = (TextColumn("Ruling again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        bar = progress.add_task("", total=row.total)
        while row.status == BacktestStatus.RUNNING:
            async with transaction(ACTOR.tenancy) as session:
                row = await backtests.advance(session, ACTOR, row.id)
            progress.update(bar, completed=row.done, total=row.total)
    return row


def _print(row: Backtest, said: Summary) -> None:
    out.print(
        f"{said.documents:,} documents from {row.since:%Y-%m-%d} to {row.until:%Y-%m-%d}; {said.changed:,} change."
    )
    moves = Table("Was", "Would be", "Documents", "For example", box=None, pad_edge=False)
    tally = Tally.model_validate(row.tally)
    for move, count in sorted(tally.moves.items(), key=lambda one: -one[1]):
        was, would = (WORDS.get(word, word) for word in move.split(BETWEEN))
        moves.add_row(was, would, f"{count:,}", "" if was == would else ", ".join(tally.examples.get(move, [])[:1]))
    out.print(moves)
    agreement = "none to compare" if said.agreement is None else f"{said.agreement:.1%}"
    out.print(
        f"Decided without a person: {said.automatic_before:,} → {said.automatic_after:,}\n"
        f"Approvals without a person: {said.approvals_before:,} → {said.approvals_after:,}"
        f" ({said.newly_approved:,} new, {said.no_longer_approved:,} no longer)\n"
        f"Agreement with people: {agreement} of {said.judged:,}; approved against a person: {said.wrongly_approved:,}\n"
        f"Reviewer hours saved: {said.saved_hours:,.1f}"
    )


async def want_person(partner_slug: str, *, wanted: bool) -> None:
    """Let people decide every document of a partner, or policies again."""
    async with transaction(ACTOR.tenancy) as session:
        partner_id = await _partner_id(session, partner_slug)
        if partner_id is None:
            stop("Name a partner.")
        await partners.want_person(session, ACTOR, partner_id, wanted=wanted)
    out.print("A person decides every document." if wanted else "Policies may decide.")


async def _partner_id(session: AsyncSession, slug: str) -> UUID | None:
    if not slug:
        return None
    partner = await partners.by_slug(session, ACTOR, slug)
    if partner is None:
        raise NotFound(f"There is no partner with the short name {slug}.")
    return partner.id
