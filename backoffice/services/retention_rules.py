"""Retention rules: who keeps what for how long, and why; a change supersedes, and nothing is overwritten."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentType
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.partners import Partner
from backoffice.models.retention_rules import REGIONS, Draft, Ending, RetentionRule
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission, found

TOPIC = "retention"
"""Names rules, holds and runs as live messages do."""
RECOMPUTE_JOB = "retention.recompute"
MOST_DAYS = 36_500
MOST_RULES = 500
MAX_BASIS = 200
COUNTRY_LETTERS = 3


async def listed(session: AsyncSession, actor: Actor, *, with_ended: bool = False) -> Sequence[RetentionRule]:
    """List the rules in force, those that count first at the top; with `with_ended` the newest past ones, too."""
    actor.require(Permission.RETENTION_READ)
    statement = select(RetentionRule).where(col(RetentionRule.ended_at).is_(None)).limit(MOST_RULES)
    rows = sorted((await session.execute(statement)).scalars(), key=_order)
    if with_ended:
        past = select(RetentionRule).where(col(RetentionRule.ended_at).is_not(None))
        past = past.order_by(col(RetentionRule.ended_at).desc()).limit(MOST_RULES)
        rows += (await session.execute(past)).scalars()
    return rows


def _order(row: RetentionRule) -> tuple[object, ...]:
    return *(-int(part) for part in row.rank), str(row.partner_id), row.ending, row.place, row.type


async def set_rule(session: AsyncSession, actor: Actor, draft: Draft, *, before: UUID | None = None) -> RetentionRule:
    """Put a rule in force: a new one, or one that supersedes `before`, which the actor has looked at.

    Raises Invalid for what cannot be counted by, NotFound, and Conflict with the code `stale_version` when somebody
    else changed the rule or added one for the same documents meanwhile.
    """
    actor.require(Permission.RETENTION_WRITE)
    actor.require_fresh()
    draft = await checked(session, draft)
    await _queue(session)
    old = await _standing(session, before) if before else None
    same = select(RetentionRule).where(
        col(RetentionRule.ended_at).is_(None),
        col(RetentionRule.partner_id).is_not_distinct_from(draft.partner_id),
        col(RetentionRule.ending) == draft.ending,
        col(RetentionRule.place) == draft.place,
        col(RetentionRule.type) == draft.type,
    )
    rival = (await session.execute(same)).scalar_one_or_none()
    if rival is not None and rival is not old:
        raise Conflict("There is a rule for these documents already. Change that one.", code="rule_exists")
    if old is not None:
        _refuse_same(old, draft)
        old.ended_at, old.ended_by = present(), _person(actor)
        await session.flush()
    row = RetentionRule(
        partner_id=draft.partner_id, ending=draft.ending, place=draft.place, type=draft.type, days=draft.days,
        basis=draft.basis, is_duty=draft.is_duty, created_by=_person(actor), created_at=present(),
        version=old.version + 1 if old else 1, supersedes_id=old.id if old else None,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await _tell(session, actor, row, "changed" if old else "added", _difference(old, row))
    return row


async def end(session: AsyncSession, actor: Actor, rule_id: UUID) -> RetentionRule:
    """Take a rule out of force: the next one that fits counts, and where none does, nothing is deleted by time.

    Raises NotFound, and Conflict with the code `stale_version`.
    """
    actor.require(Permission.RETENTION_WRITE)
    actor.require_fresh()
    await _queue(session)
    row = await _standing(session, rule_id)
    row.ended_at, row.ended_by = present(), _person(actor)
    await session.flush()
    await _tell(session, actor, row, "ended", {name: [was, None] for name, was in _values(row).items()})
    return row


async def wake(session: AsyncSession, partner_id: UUID | None) -> None:
    """Let erasures that wait be asked again within a minute, of one partner or of all: what held them has changed.

    Each finds out by itself whether something else still holds it.
    """
    waits = update(ErasureRequest).where(col(ErasureRequest.status) == ErasureStatus.ON_HOLD)
    if partner_id is not None:
        waits = waits.where(col(ErasureRequest.partner_id) == partner_id)
    await session.execute(waits.values(held_until=present()).execution_options(synchronize_session=False))


async def _queue(session: AsyncSession) -> None:
    """Let one change at a time happen: they look at each other."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("retention_rules"))))


async def _standing(session: AsyncSession, rule_id: UUID) -> RetentionRule:
    statement = select(RetentionRule).where(col(RetentionRule.id) == rule_id).execution_options(populate_existing=True)
    row = found((await session.execute(statement)).scalar_one_or_none(), "retention rule")
    if row.ended_at is not None:
        raise Conflict("Somebody changed this rule since you opened it. Look again.", code="stale_version")
    return row


def _refuse_same(old: RetentionRule, draft: Draft) -> None:
    if all(getattr(old, name) == getattr(draft, name) for name in Draft.__dataclass_fields__):
        raise Conflict("Nothing differs from the rule that is in force.", code="nothing_changed")


async def checked(session: AsyncSession, draft: Draft) -> Draft:
    """Tidy a draft, and refuse what cannot be counted by.

    Raises Invalid, and NotFound for a partner that is not there.
    """
    place, basis = draft.place.strip().upper(), " ".join(draft.basis.split())
    if not 1 <= draft.days <= MOST_DAYS:
        raise Invalid(f"From 1 to {MOST_DAYS} days.", code="out_of_range", pointer="/days")
    if not 1 <= len(basis) <= MAX_BASIS or not basis.isprintable():
        raise Invalid(
            f"Say in 1 to {MAX_BASIS} letters which law or promise asks for it.", code="basis_needed", pointer="/basis"
        )
    if draft.ending and draft.ending not in set(Ending):
        raise Invalid(f"An ending is one of {', '.join(Ending)}.", code="invalid_value", pointer="/ending")
    if draft.type and draft.type not in set(DocumentType):
        raise Invalid(f"A type is one of {', '.join(DocumentType)}.", code="invalid_value", pointer="/type")
    if place and place not in REGIONS and not (len(place) == COUNTRY_LETTERS and place.isascii() and place.isalpha()):
        words = f"A place is three letters of a country (ISO 3166-1) or one of {', '.join(REGIONS)}."
        raise Invalid(words, code="invalid_value", pointer="/place")
    if draft.partner_id is not None:
        found(await session.get(Partner, draft.partner_id), "partner")
    return Draft(
        partner_id=draft.partner_id, ending=draft.ending, place=place, type=draft.type, days=draft.days, basis=basis,
        is_duty=draft.is_duty,
    )  # fmt: skip


def _person(actor: Actor) -> UUID | None:
    return actor.id if actor.type == ActorType.MEMBER else None


def _values(row: RetentionRule) -> dict[str, object]:
    return {
        "ending": row.ending, "place": row.place, "type": row.type, "days": row.days, "basis": row.basis,
        "is_duty": row.is_duty,
    }  # fmt: skip


def _difference(old: RetentionRule | None, row: RetentionRule) -> dict[str, object]:
    was, values = _values(old) if old else {}, _values(row)
    changes: dict[str, object] = {
        name: [was.get(name), value] for name, value in values.items() if was.get(name) != value
    }
    if old is not None and old.partner_id != row.partner_id:
        changes["partner"] = [public_id(Prefix.PARTNER, one.partner_id) or "all" for one in (old, row)]
    return changes | {"version": row.version}


async def _tell(session: AsyncSession, actor: Actor, row: RetentionRule, what: str, changes: dict[str, object]) -> None:
    """Write it down, and let the dates of documents follow."""
    await audit.record(
        session,
        actor,
        f"retention_rule.{what}",
        subject_type="retention_rule",
        subject_id=row.id,
        partner_id=row.partner_id,
        changes=changes,
    )
    await wake(session, row.partner_id if what != "changed" else None)
    await job_queue.enqueue(session, RECOMPUTE_JOB, {})
    live.announce(session, TOPIC)
