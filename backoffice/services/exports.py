"""Exports: what a list shows, as a file, written part by part by a job.

Each part is one transaction with what was read for it, so that a killed worker costs one part and nothing is written
twice. Parts are sealed under a key of the export's own, which is forgotten a day after the file is ready.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, job_queue, kms, live, sheets
from backoffice.clock import present
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.exports import (
    APPROVAL_LASTS,
    END,
    KEPT,
    OPEN,
    OVER,
    REFUSED,
    UNDER_WAY,
    WHOLE,
    Asked,
    Export,
    ExportFormat,
    ExportKind,
    ExportStatus,
)
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.services import audit, events, export_counts, export_letters, export_parts, regions
from backoffice.services.access import Actor, Permission, found
from backoffice.services.export_books import Bound
from backoffice.services.export_parts import Part
from backoffice.services.export_sources import SEARCH, SOURCES, Line, Source, needed, readable
from backoffice.services.pages import DEFAULT_LIMIT, Page, walk
from backoffice.services.rows import visible

JOB = "export.write"
PART_LINES = 5_000
LATE = timedelta(minutes=1)
SWEEP = 50
STANDING = (*OPEN, ExportStatus.READY)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step has read: lines, and where the next ones begin."""

    lines: list[Line]
    cursor: str


def topic(partner_id: UUID) -> str:
    """Name what changes with the exports of a partner."""
    return f"exports:{partner_id}"


def names_of(kind: ExportKind) -> tuple[str, ...]:
    """Name the parameters of a list's address that narrow it."""
    return SOURCES[kind].names


async def wrap_key(partner_id: UUID) -> tuple[UUID, bytes]:
    """Make the id and the wrapped key of an export, outside of any transaction: wrapping may ask a distant KMS."""
    export_id = new_id()
    keys = kms.key_encryption(await regions.of_partner(partner_id))
    return export_id, await keys.wrap(cipher.new_key(), export_parts.context(partner_id, export_id))


async def begin(session: AsyncSession, actor: Actor, asked: Asked, key: tuple[UUID, bytes]) -> Export:
    """Let a job write what the list shows; the same press again answers the same export. `key` is of `wrap_key`.

    What holds more documents than one person may take along alone waits for a second one first. Raises NotAllowed for
    a list that the actor may not see, Conflict with the code `too_many_exports` while enough run or wait.
    """
    member_id, partner_id = _member(actor), actor.require_partner()
    source = SOURCES[asked.kind]
    actor.require(source.permission)
    if (asked.kind in WHOLE) != (asked.format == ExportFormat.ZIP):
        raise Invalid("This cannot be written in that form.", code="invalid_format", pointer="/format")
    if asked.kind in WHOLE and asked.filters.get("personal"):
        actor.require_fresh()
    await _one_at_a_time(session, partner_id)
    same = select(Export).where(col(Export.member_id) == member_id, col(Export.press) == asked.press)
    if earlier := (await session.execute(same)).scalar_one_or_none():
        return earlier
    filters = {name: asked.filters[name] for name in source.names if asked.filters.get(name)}
    measured = await export_counts.measure(session, actor, asked)
    row = Export(
        id=key[0], partner_id=partner_id, livemode=asked.livemode, member_id=member_id, press=asked.press,
        kind=asked.kind, format=asked.format, wrapped=key[1], filters=filters, documents=measured.documents,
        alone=measured.alone, session_id=actor.session_id, ip=actor.ip, request_id=actor.request_id,
    )  # fmt: skip
    if measured.is_too_much:
        row.status, row.approval_due = ExportStatus.AWAITING, present() + APPROVAL_LASTS
    await export_counts.refuse_many(session, row)
    session.add(row)
    await session.flush()
    about = {"kind": row.kind, "format": row.format, "filters": sorted(row.filters), "documents": row.documents}
    await record(session, actor, row, "asked", **about, awaits_approval=measured.is_too_much)
    await (export_letters.call(session, row) if measured.is_too_much else enqueue(session, row.id))
    live.announce(session, topic(partner_id))
    return row


def _member(actor: Actor) -> UUID:
    if actor.role is None or actor.id is None:
        raise NotAllowed("Exports are made by people who are signed in.")
    return actor.id


async def _one_at_a_time(session: AsyncSession, partner_id: UUID) -> None:
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"exports:{partner_id}", 0))))


async def enqueue(session: AsyncSession, export_id: UUID) -> None:
    """Let a job write it."""
    await job_queue.enqueue(session, "export.write", {"export_id": str(export_id)}, dedupe_key=f"{JOB}:{export_id}")


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Go on with exports whose job was lost."""
    actor.require(Permission.SYSTEM)
    statement = select(col(Export.id)).where(
        col(Export.status).in_(UNDER_WAY), col(Export.created_at) < present() - LATE
    )
    for export_id in (await session.execute(statement.limit(SWEEP))).scalars():
        await enqueue(session, export_id)


async def kind_of(session: AsyncSession, actor: Actor, export_id: UUID) -> ExportKind:
    """Say what an export is of."""
    actor.require(Permission.SYSTEM)
    return ExportKind((await locked(session, export_id)).kind)


async def newest_of(
    session: AsyncSession, actor: Actor, kind: ExportKind, filter_name: str, subject: str
) -> Export | None:
    """Find the actor's last export of one kind about one thing, as long as there is something to say of it."""
    statement = select(Export).where(
        col(Export.partner_id) == actor.require_partner(),
        col(Export.member_id) == actor.id,
        col(Export.kind) == kind,
        col(Export.filters)[filter_name].astext == subject,  # pyright: ignore[reportAttributeAccessIssue] JSONB
        col(Export.status).in_((*OPEN, ExportStatus.READY, ExportStatus.FAILED, *REFUSED)),
    )
    return (await session.execute(statement.order_by(col(Export.id).desc()).limit(1))).scalar_one_or_none()


async def step(session: AsyncSession, actor: Actor, export_id: UUID, bound: Bound | None = None) -> bool:
    """Write the next part, or end with the workbook that was bound; answers False when there is nothing more to do."""
    actor.require(Permission.SYSTEM)
    row = await locked(session, export_id)
    if row.status not in UNDER_WAY:
        return False
    row.status = ExportStatus.RUNNING
    source = SOURCES[ExportKind(row.kind)]
    if bound:
        row.parts, row.size = bound.parts, bound.size
        await ready(session, actor, row)
        return False
    if row.cursor == END:
        return True
    try:
        batch = await _read(session, await person_of(session, row), row, source)
        export_counts.refuse_longer(row, row.rows + len(batch.lines))
    except BackofficeError as error:
        await end(session, actor, row, ExportStatus.FAILED, str(error))
        return False
    await _keep(row, source, batch.lines)
    row.cursor = batch.cursor or END
    live.announce(session, topic(row.partner_id))
    is_done = row.cursor == END and row.format != ExportFormat.XLSX
    if is_done:
        await ready(session, actor, row)
    await session.flush()
    return not is_done


async def _read(session: AsyncSession, person: Actor, row: Export, source: Source) -> Batch:
    """Read lines for one part, page by page, with what the person who asked may see now."""
    person.require(source.permission)
    lines, cursor = list[Line](), row.cursor
    while True:
        page = await source.read(session, person, row, cursor)
        lines, cursor = [*lines, *page.lines], page.cursor
        if not cursor or len(lines) >= PART_LINES:
            return Batch(lines, cursor)


async def person_of(session: AsyncSession, row: Export) -> Actor:
    """Answer who asked, with what they may do now.

    Raises NotAllowed when the account was closed.
    """
    member = await session.get(Member, row.member_id)
    if member is None or member.disabled_at is not None or member.partner_id != row.partner_id:
        raise NotAllowed("The account that asked for this was closed.", code="account_closed")
    return Actor.of(member, session_id=row.session_id, ip=row.ip, request_id=row.request_id)


async def _keep(row: Export, source: Source, lines: list[Line]) -> None:
    """Write one part; a workbook cannot be cut, so its rows wait as drafts until all are there."""
    key = await export_parts.key_of(row)
    row.rows += len(lines)
    if row.format == ExportFormat.XLSX:
        await export_parts.put(row, key, Part.DRAFT, row.drafts, sheets.json_lines(lines))
        row.drafts += 1
        return
    if row.format == ExportFormat.CSV:
        data = sheets.csv(lines, source.columns, with_head=row.parts == 0)
    else:
        data = sheets.json_lines(lines)
    await export_parts.put(row, key, Part.FINAL, row.parts, data)
    row.parts, row.size = row.parts + 1, row.size + len(data)


async def ready(session: AsyncSession, actor: Actor, row: Export) -> None:
    """Let a written export be fetched, and tell of it."""
    moment = present()
    row.status, row.finished_at, row.expires_at = ExportStatus.READY, moment, moment + KEPT
    _forget_search(row)
    await session.flush()
    await record(session, actor, row, "ready", rows=row.rows)
    await events.emit(session, actor, "export.ready", _subject(row))
    await job_queue.enqueue(session, "export.mail", {"export_id": str(row.id)})


def _subject(row: Export) -> events.Subject:
    data: dict[str, object] = {"id": public_id(Prefix.EXPORT, row.id), "object": "export", "status": row.status}
    return events.Subject("export", row.id, row.partner_id, row.livemode, data)


async def end(session: AsyncSession, actor: Actor, row: Export, status: ExportStatus, failure: str = "") -> None:
    """End without a file: the key is forgotten at once, and what was written is deleted by the sweep."""
    row.status, row.failure, row.wrapped, row.finished_at = status, failure, None, row.finished_at or present()
    _forget_search(row)
    await session.flush()
    await record(session, actor, row, status)
    live.announce(session, topic(row.partner_id))


async def forget_about(
    session: AsyncSession, actor: Actor, partner_id: UUID, kind: ExportKind, subjects: Collection[tuple[str, str]]
) -> None:
    """Lose the keys of exports about things that may be shown no more; `subjects` are filters with their values."""
    for name, value in subjects:
        statement = select(Export).where(
            col(Export.partner_id) == partner_id,
            col(Export.kind) == kind,
            or_(col(Export.status).in_(STANDING), col(Export.reason) != ""),
            col(Export.filters)[name].astext == value,  # pyright: ignore[reportAttributeAccessIssue] JSONB
        )
        for row in (await session.execute(statement.with_for_update())).scalars().all():
            row.reason = ""
            if row.status in STANDING:
                await end(session, actor, row, ExportStatus.EXPIRED)


async def forget_waiting(session: AsyncSession, actor: Actor, partner_id: UUID, applicant_id: UUID) -> None:
    """End lists that wait for a second person and are of, or may name, somebody who is erased in this transaction."""
    filters = col(Export.filters)
    words, of_whom = (filters[name].astext for name in (SEARCH, "applicant"))  # pyright: ignore[reportAttributeAccessIssue] JSONB
    statement = select(Export).where(
        col(Export.partner_id) == partner_id,
        col(Export.kind) == ExportKind.DOCUMENTS,
        col(Export.status) == ExportStatus.AWAITING,
        or_(words.is_not(None), of_whom == public_id(Prefix.APPLICANT, applicant_id)),
    )
    for row in (await session.execute(statement.order_by(col(Export.id)).with_for_update())).scalars().all():
        await end(session, actor, row, ExportStatus.EXPIRED)


def _forget_search(row: Export) -> None:
    """Forget what was searched for once it is of no more use: it may have been a name."""
    row.filters = {name: value for name, value in row.filters.items() if name != SEARCH}


async def cancel(session: AsyncSession, actor: Actor, export_id: UUID) -> Export:
    """Stop one's own export, or as an administrator anybody's.

    Raises NotFound, and Conflict when it is over.
    """
    row = await get(session, actor, export_id, lock=True)
    if row.status not in OPEN:
        raise Conflict("This export has ended already.", code="export_over")
    await end(session, actor, row, ExportStatus.CANCELED)
    return row


async def get(session: AsyncSession, actor: Actor, export_id: UUID, *, lock: bool = False) -> Export:
    """Find one export that the actor may see.

    Raises NotFound.
    """
    statement = _mine(actor).where(col(Export.id) == export_id)
    row = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()
    return await _placed(session, found(row, "export"))


async def page(
    session: AsyncSession, actor: Actor, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Export]:
    """List exports, newest first: people see their own and what waits for them, administrators all of their partner."""
    return await walk(session, Export, _listed(actor), prefix=Prefix.EXPORT, limit=limit, cursor=cursor)


def _mine(actor: Actor) -> Select[Export]:
    """Select what is the actor's to fetch: files that leave are the partner's, and no business of our own people."""
    actor.require_partner()
    statement = visible(actor, Export).where(readable(actor))
    if not actor.can(Permission.MEMBERS_WRITE):
        statement = statement.where(col(Export.member_id) == _member(actor))
    return statement


def _listed(actor: Actor) -> Select[Export]:
    """Select what is the actor's, and what others asked for that this one could approve."""
    if actor.can(Permission.MEMBERS_WRITE) or actor.is_looking:
        return _mine(actor)
    kinds = [kind for kind in ExportKind if all(actor.can(one) for one in needed(kind, is_personal=kind in WHOLE))]
    is_waiting = and_(col(Export.status) == ExportStatus.AWAITING, col(Export.kind).in_(kinds))
    return visible(actor, Export).where(or_(col(Export.member_id) == _member(actor), is_waiting), readable(actor))


async def locked(session: AsyncSession, export_id: UUID) -> Export:
    """Lock an export for its next step."""
    statement = select(Export).where(col(Export.id) == export_id).with_for_update()
    return await _placed(session, found((await session.execute(statement)).scalar_one_or_none(), "export"))


async def _placed(session: AsyncSession, row: Export) -> Export:
    """Know where its parts are, so that nobody asks for it over a second connection while this one is open."""
    await regions.of(session, row.partner_id)
    return row


async def opened(session: AsyncSession, actor: Actor, export_id: UUID) -> tuple[Export, bytes]:
    """Let somebody fetch the file, which is written down; answers the row and its key.

    Raises NotFound for one that is not ready or not theirs, NotAllowed when the list is closed to them by now.
    """
    row = await get(session, actor, export_id)
    actor.require(SOURCES[ExportKind(row.kind)].permission)
    _refuse_personal(actor, row)
    if row.status != ExportStatus.READY or row.wrapped is None or (row.expires_at and row.expires_at <= present()):
        raise NotFound("This file is not here any more. Export the list again.", code="export_gone")
    key = await export_parts.key_of(row)
    await record(session, actor, row, "fetched", rows=row.rows)
    return row, key


def _refuse_personal(actor: Actor, row: Export) -> None:
    """Give personal data to nobody but who said what for."""
    if row.has_personal:
        actor.require(Permission.PERSONAL_READ)
        if actor.id != row.member_id:
            raise NotAllowed("It holds personal data that somebody else asked for. Make one of your own.")


async def over(session: AsyncSession, actor: Actor, *, without: Collection[str] = ()) -> list[Export]:
    """Forget the keys of files that have been there long enough; answers what can be deleted now.

    Leaves those of some regions out: their stores are away.
    """
    actor.require(Permission.SYSTEM)
    due = select(Export).where(col(Export.status) == ExportStatus.READY, col(Export.expires_at) <= present())
    for row in (await session.execute(due.limit(SWEEP).with_for_update(skip_locked=True))).scalars():
        await end(session, actor, row, ExportStatus.EXPIRED)
    ended = (
        select(Export)
        .join(Partner, col(Partner.id) == col(Export.partner_id))
        .where(col(Export.status).in_(OVER), col(Export.discarded_at).is_(None), col(Partner.region).not_in(without))
    )
    return list((await session.execute(ended.limit(SWEEP))).scalars())


async def forget(session: AsyncSession, actor: Actor, export_id: UUID) -> None:
    """Note that the parts of an export are deleted."""
    actor.require(Permission.SYSTEM)
    row = await locked(session, export_id)
    row.parts = row.drafts = 0
    row.discarded_at = present()


async def record(session: AsyncSession, actor: Actor, row: Export, what: str, **changes: object) -> None:
    """Write down what became of an export."""
    await audit.record(
        session, actor, f"export.{what}", subject_type="export", subject_id=row.id, partner_id=row.partner_id,
        changes=changes,
    )  # fmt: skip
