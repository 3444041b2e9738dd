"""Writing exports part by part, telling who asked, and deleting what is over."""

from collections.abc import Sequence
from logging import getLogger
from uuid import UUID

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, Unavailable
from backoffice.jobs import letters
from backoffice.models.exports import OVER, WHOLE, Export, ExportKind
from backoffice.services import (
    evidence_packs,
    export_approvals,
    export_books,
    export_letters,
    export_parts,
    exports,
    person_exports,
    regions,
)
from backoffice.services.access import Actor
from backoffice.services.export_books import Bound
from backoffice.viewmodels.evidence_packs import sheet

log = getLogger(__name__)
SYSTEM = Actor.system(name="exports")


async def write(export_id: str) -> None:
    """Write one export to its end; dying half-way costs one part."""
    key, is_going, waits = UUID(export_id), True, None
    async with transaction(SYSTEM.tenancy) as session:
        kind = await exports.kind_of(session, SYSTEM, key)
    if kind in WHOLE:
        await (_pack(key) if kind == ExportKind.EVIDENCE else _person(key))
        return
    while is_going:
        async with transaction(SYSTEM.tenancy) as session:
            waits = await export_books.waiting(session, SYSTEM, key)
        bound = await _bound(waits) if waits else None
        async with transaction(SYSTEM.tenancy) as session:
            is_going = await exports.step(session, SYSTEM, key, bound)
    if waits and await _is_over(key):
        await export_parts.delete(waits)  # it was stopped while its workbook was bound


async def _bound(waits: Export) -> Bound | None:
    """Bind a workbook; one that is stopped meanwhile loses its rows under it."""
    try:
        return await export_books.bind(waits)
    except NotFound:
        if await _is_over(waits.id):
            return None
        raise


async def _is_over(export_id: UUID) -> bool:
    async with transaction(SYSTEM.tenancy) as session:
        row = await session.get(Export, export_id)
        return row is not None and row.status in OVER


async def _pack(key: UUID) -> None:
    """Write one evidence pack; dying half-way writes it again, over what was there."""
    async with transaction(SYSTEM.tenancy) as session:
        begun = await evidence_packs.begin(session, SYSTEM, key)
    if begun is None:
        return
    try:
        data = await evidence_packs.write(begun, sheet)
    except Unavailable:
        raise  # a service is away: the job comes again
    except BackofficeError as error:
        async with transaction(SYSTEM.tenancy) as session:
            await evidence_packs.fail(session, SYSTEM, key, str(error))
        return
    async with transaction(SYSTEM.tenancy) as session:
        await evidence_packs.finish(session, SYSTEM, key, data)


async def _person(key: UUID) -> None:
    """Write all of one person; dying half-way writes it again, over what was there."""
    async with transaction(SYSTEM.tenancy) as session:
        begun = await person_exports.begin(session, SYSTEM, key)
    if begun is None:
        return
    try:
        async with transaction(SYSTEM.tenancy) as session:
            record = await person_exports.read(session, SYSTEM, begun)
        written = await person_exports.write(SYSTEM, begun, record)
    except Unavailable:
        raise  # a service is away: the job comes again
    except BackofficeError as error:
        async with transaction(SYSTEM.tenancy) as session:
            await person_exports.fail(session, SYSTEM, begun, str(error))
        return
    if written:
        async with transaction(SYSTEM.tenancy) as session:
            await person_exports.finish(session, SYSTEM, begun, written)
    if await _is_over(key):  # never of one that another worker has taken over
        await export_parts.delete(begun.row)


async def enqueue_lost() -> None:
    """Go on with exports whose worker died."""
    async with transaction(SYSTEM.tenancy) as session:
        await exports.enqueue_lost(session, SYSTEM)


async def mail(export_id: str) -> None:
    """Tell who asked; a mail server that is away is asked again later."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await export_letters.addressed(session, SYSTEM, UUID(export_id))
    await letters.send(found)


async def mail_approver(export_id: str, member_id: str) -> None:
    """Tell one who could approve a large export that it waits."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await export_letters.asking(session, SYSTEM, UUID(export_id), UUID(member_id))
    await letters.send(found)


async def lapse() -> None:
    """End what nobody approved in time."""
    async with transaction(SYSTEM.tenancy) as session:
        await export_approvals.lapse(session, SYSTEM)


async def discard() -> None:
    """Forget what has been there long enough, and delete its parts.

    A region whose store is away keeps its own until the next run, and nobody else's.
    """
    away = set[str]()
    while True:
        async with transaction(SYSTEM.tenancy) as session:
            gone = await exports.over(session, SYSTEM, without=away)
        if not (failed := await _discard(gone)):
            return
        away |= failed


async def _discard(gone: Sequence[Export]) -> set[str]:
    """Delete parts; answers the regions whose store is away."""
    away = set[str]()
    for row in gone:
        region = await regions.of_partner(row.partner_id)
        if region in away:
            continue
        try:
            await export_parts.delete(row)
        except Unavailable:
            log.warning("region_away", extra={"region": region})
            away.add(region)
            continue
        async with transaction(SYSTEM.tenancy) as session:
            await exports.forget(session, SYSTEM, row.id)
    return away
