"""Engines: which version of each check runs, how it does, and how far another version agrees with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Text, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import Prefix, floor_id, new_id, public_id
from backoffice.models.documents import Check, Document
from backoffice.models.engine_counts import Agreement, EngineUse
from backoffice.models.engines import CheckTrial
from backoffice.screening.policy_rulings import POLICY_CHECK
from backoffice.screening.types import CHECK_NAMES, Finding
from backoffice.services.access import Actor, Permission

MOVE = ">"
NEWEST = 5_000
MOMENT = timedelta(seconds=1)
STATUSES = ("passed", "warning", "failed", "error", "not_applicable")
Pair = tuple[str, str, str]
"""Check, champion, other version."""


async def uses(session: AsyncSession, actor: Actor, *, days: int) -> list[EngineUse]:
    """Count what each version of each check found on live documents of the last days, in the checks' order."""
    actor.require(Permission.POLICIES_READ)
    since = now() - timedelta(days=days)
    milliseconds = cast(col(Check.duration_ms), Float)
    statement = (
        select(
            col(Check.name),
            col(Check.model),
            func.min(col(Check.created_at)),
            func.max(col(Check.created_at)),
            func.count(),
            *(func.count().filter(col(Check.status) == one) for one in STATUSES),
            func.percentile_cont(0.5).within_group(milliseconds),
            func.percentile_cont(0.95).within_group(milliseconds),
            func.avg(col(Check.score)),
        )
        .join(Document, col(Document.id) == col(Check.document_id))
        .where(col(Check.id).between(floor_id(since), floor_id(now() + MOMENT)))
        .where(col(Document.livemode), col(Check.name) != POLICY_CHECK)
        .group_by(col(Check.name), col(Check.model))
    )
    places = {name: place for place, name in enumerate(CHECK_NAMES)}
    found = [EngineUse(*row) for row in await session.execute(statement)]
    return sorted(found, key=lambda use: (places.get(use.name, len(places)), use.since))


async def newest(session: AsyncSession, actor: Actor) -> tuple[int, int]:
    """Count the newest checks of the last day, a few thousand at most, and those of them that could not run."""
    actor.require(Permission.POLICIES_READ)
    since = floor_id(now() - timedelta(days=1))
    latest = select(col(Check.status)).where(col(Check.id) >= since).order_by(col(Check.id).desc()).limit(NEWEST)
    rows = latest.subquery()
    counted = select(func.count(), func.count().filter(rows.c.status == "error")).select_from(rows)
    ran, broken = (await session.execute(counted)).one()
    return ran, broken


async def agreements(
    session: AsyncSession, actor: Actor, *, days: int | None = None, rescreen_id: UUID | None = None
) -> list[Agreement]:
    """Compare versions of checks: challengers of the last days, or one rescreen's; in the checks' order."""
    actor.require(Permission.POLICIES_READ)
    conditions = [col(CheckTrial.rescreen_id).is_not_distinct_from(rescreen_id)]
    if days is not None:
        conditions.append(col(CheckTrial.created_at).between(now() - timedelta(days=days), now()))
    moves, examples = await _moves(session, conditions)
    places = {name: place for place, name in enumerate(CHECK_NAMES)}
    rows: list[Agreement] = []
    for row in await _sums(session, conditions):
        pair = (row.name, row.champion, row.model)
        rows.append(replace(row, moves=moves.get(pair, {}), examples=examples.get(pair, {})))
    return sorted(rows, key=lambda row: (places.get(row.name, len(places)), row.model))


async def _sums(session: AsyncSession, conditions: Sequence[ColumnElement[bool]]) -> list[Agreement]:
    same = func.count().filter(col(CheckTrial.status) == col(CheckTrial.champion_status))
    statement = (
        select(
            col(CheckTrial.name),
            col(CheckTrial.champion),
            col(CheckTrial.model),
            func.count(),
            same,
            func.avg(col(CheckTrial.score) - col(CheckTrial.champion_score)),
            func.avg(cast(col(CheckTrial.champion_ms), Float)),
            func.avg(cast(col(CheckTrial.duration_ms), Float)),
        )
        .where(*conditions)
        .group_by(col(CheckTrial.name), col(CheckTrial.champion), col(CheckTrial.model))
    )
    return [Agreement(*row) for row in await session.execute(statement)]


async def _moves(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]]
) -> tuple[dict[Pair, dict[str, int]], dict[Pair, dict[str, str]]]:
    key = (col(CheckTrial.name), col(CheckTrial.champion), col(CheckTrial.model))
    ways = (col(CheckTrial.champion_status), col(CheckTrial.status))
    newest = func.max(cast(col(CheckTrial.document_id), Text))
    statement = select(*key, *ways, func.count(), newest).where(*conditions).group_by(*key, *ways)
    moves: dict[Pair, dict[str, int]] = {}
    examples: dict[Pair, dict[str, str]] = {}
    for name, champion, model, was, would, count, document_id in await session.execute(statement):
        pair = (name, champion, model)
        moves.setdefault(pair, {})[f"{was}{MOVE}{would}"] = count
        if was != would:
            shown = public_id(Prefix.DOCUMENT, UUID(document_id))
            examples.setdefault(pair, {})[f"{was}{MOVE}{would}"] = shown
    return moves, examples


async def note(
    session: AsyncSession,
    document: Document,
    champions: Sequence[Finding | Check],
    others: Sequence[Finding],
    *,
    rescreen_id: UUID | None = None,
) -> None:
    """Write what other versions said beside what counted; repeated, it is written once."""
    known = {one.name: one for one in champions}
    rows = [
        {
            "id": new_id(),
            "created_at": now(),
            "partner_id": document.partner_id,
            "document_id": document.id,
            "rescreen_id": rescreen_id,
            "name": other.name,
            "champion": champion.model,
            "champion_status": champion.status,
            "champion_score": champion.score,
            "champion_ms": champion.duration_ms,
            "model": other.model,
            "status": other.status,
            "score": other.score,
            "duration_ms": other.duration_ms,
        }
        for other in others
        if (champion := known.get(other.name)) is not None
    ]
    if rows:
        await session.execute(insert(CheckTrial).values(rows).on_conflict_do_nothing())
