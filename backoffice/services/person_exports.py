"""The data of one person, taken along: a job writes one ZIP, an administrator of the partner fetches it for a day.

It is an export of its own kind: sealed under a key of its own, for nobody but who asked, each fetch written down. The
key is lost with the person, and with any document of theirs that is redacted meanwhile.

Nothing is locked while keys are unwrapped and files are read. Whoever begins takes the export over by a mark of their
own in `cursor`; each part is kept under the row's lock and that mark alone, so that a worker who was thought dead and
wakes up late writes over nothing.
"""

import io
import json
import zipfile
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.adapters.cipher import Tampered
from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.exports import END, UNDER_WAY, Asked, Export, ExportFormat, ExportKind, ExportStatus
from backoffice.services import applicants, audit, export_parts, exports, files, person_records
from backoffice.services.access import Actor, Permission
from backoffice.services.export_parts import Part
from backoffice.services.person_records import Record

PERSONAL = "personal"
PART_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Begun:
    """An export that somebody has taken over to write it."""

    row: Export
    """As it stands since; its `cursor` is the mark of who writes."""
    made_by: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a job wrote, part by part."""

    parts: int
    size: int
    files: int


async def ask(
    session: AsyncSession, actor: Actor, applicant_id: UUID, *, press: UUID, key: tuple[UUID, bytes]
) -> Export:
    """Let a job write all that is held about a person; `key` is of `exports.wrap_key`.

    An erasure that waits is no reason to refuse: until it is done the data is held. Raises NotAllowed without
    `personal:read`, StepUpRequired, NotFound, and Conflict for who was erased.
    """
    actor.require(Permission.PERSONAL_READ)
    actor.require_fresh()
    applicant = await applicants.locked(session, actor, applicant_id)  # wholly before an erasure's end, or after it
    if applicant.erased_at is not None:
        raise Conflict("This person has been erased.", code="applicant_erased")
    filters = {"applicant": public_id(Prefix.APPLICANT, applicant.id), PERSONAL: "yes"}
    asked = Asked(press, ExportKind.PERSON, ExportFormat.ZIP, applicant.livemode, filters)
    row = await exports.begin(session, actor, asked, key)
    if row.id == key[0]:
        await note(session, actor, applicant.id, applicant.partner_id, public_id(Prefix.EXPORT, row.id))
    return row


async def note(session: AsyncSession, actor: Actor, applicant_id: UUID, partner_id: UUID, export: str) -> None:
    """Write down that somebody takes a person's data along."""
    await audit.record(
        session, actor, "applicant.export_asked", subject_type="applicant", subject_id=applicant_id,
        partner_id=partner_id, changes={"export_id": export},
    )  # fmt: skip


async def newest(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Export | None:
    """Find the actor's last export of a person, as long as there is something to say of it."""
    return await exports.newest_of(
        session, actor, ExportKind.PERSON, "applicant", public_id(Prefix.APPLICANT, applicant_id)
    )


async def begin(session: AsyncSession, actor: Actor, export_id: UUID) -> Begun | None:
    """Take an export over, if who asked still may have it; None when there is nothing to write."""
    actor.require(Permission.SYSTEM)
    row = await exports.locked(session, export_id)
    if row.status not in UNDER_WAY:
        return None
    try:
        person = await exports.person_of(session, row)
        person.require(Permission.PERSONAL_READ)
    except BackofficeError as error:
        await exports.end(session, actor, row, ExportStatus.FAILED, str(error))
        return None
    row.status, row.cursor = ExportStatus.RUNNING, uuid4().hex
    live.announce(session, exports.topic(row.partner_id))
    return Begun(row, person.name)


async def read(session: AsyncSession, actor: Actor, begun: Begun) -> Record:
    """Read what is to be written, without the export's lock: a distant KMS may take its time.

    Raises as `person_records.read` does.
    """
    actor.require(Permission.SYSTEM)
    applicant_id = parse_public_id(Prefix.APPLICANT, begun.row.filters["applicant"])
    return await person_records.read(session, begun.row.partner_id, applicant_id, begun.made_by)


class Drain(io.RawIOBase):
    """Takes what a ZIP writes, and gives it away in parts: a person's files are never all in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        """Say yes; it cannot be read or wound back."""
        return True

    def write(self, data: bytes) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] zipfile gives bytes alone
        """Take what is written."""
        self._held += data
        return len(data)

    def taken(self, *, is_last: bool = False) -> list[bytes]:
        """Give away whole parts, and at the end what is left."""
        found: list[bytes] = []
        while len(self._held) >= PART_BYTES or (is_last and self._held):
            found.append(bytes(self._held[:PART_BYTES]))
            del self._held[:PART_BYTES]
        return found


async def contents(record: Record) -> AsyncGenerator[tuple[str, bytes]]:
    """Give what belongs into the archive, one thing at a time; a file that cannot be read is named as missing."""
    missing: list[str] = []
    for name, sealed in record.files:
        try:
            yield name, (await files.read(sealed)).data
        except (NotFound, Tampered):
            missing.append(name)
    data = record.data | {"missing_files": missing}
    yield "person.json", json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n"


async def write(actor: Actor, begun: Begun, record: Record) -> Written | None:
    """Write the ZIP over what an earlier try left, each part sealed by itself; no transaction may be open.

    None for an export that was stopped, or taken over by somebody else meanwhile.
    """
    actor.require(Permission.SYSTEM)
    key, drain, parts, size = await export_parts.key_of(begun.row), Drain(), 0, 0
    book = zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED)
    async with aclosing(_parts(book, drain, record)) as pieces:
        async for part in pieces:
            if not await _keep(actor, begun, key, parts, part):
                return None
            parts, size = parts + 1, size + len(part)
    return Written(parts, size, len(book.namelist()) - 1)


async def _parts(book: zipfile.ZipFile, drain: Drain, record: Record) -> AsyncGenerator[bytes]:
    made = present().timetuple()[:6]
    async with aclosing(contents(record)) as things:
        async for name, data in things:
            book.writestr(zipfile.ZipInfo(name, made), data, zipfile.ZIP_DEFLATED)
            for part in drain.taken():
                yield part
    book.close()
    for part in drain.taken(is_last=True):
        yield part


async def _keep(actor: Actor, begun: Begun, key: bytes, number: int, data: bytes) -> bool:
    """Keep one part, unless the export is somebody else's by now; it stays ours until the part is there."""
    async with transaction(actor.tenancy) as session:
        if await _ours(session, begun) is None:
            return False
        await export_parts.put(begun.row, key, Part.FINAL, number, data)
    return True


async def _ours(session: AsyncSession, begun: Begun) -> Export | None:
    """Lock an export that is under way and that nobody has taken over."""
    row = await exports.locked(session, begun.row.id)
    return row if row.status in UNDER_WAY and row.cursor == begun.row.cursor else None


async def finish(session: AsyncSession, actor: Actor, begun: Begun, written: Written) -> bool:
    """Let the written ZIP be fetched; False for one that was stopped or taken over, or whose person is erased."""
    actor.require(Permission.SYSTEM)
    row = await _ours(session, begun)
    if row is None:
        return False
    row.parts, row.size, row.rows, row.cursor = written.parts, written.size, written.files, END
    live.announce(session, exports.topic(row.partner_id))
    await exports.ready(session, actor, row)
    return True


async def fail(session: AsyncSession, actor: Actor, begun: Begun, failure: str) -> None:
    """End an export that cannot be written."""
    actor.require(Permission.SYSTEM)
    row = await _ours(session, begun)
    if row is not None:
        await exports.end(session, actor, row, ExportStatus.FAILED, failure)


async def forget(session: AsyncSession, actor: Actor, partner_id: UUID, applicant_ids: Collection[UUID]) -> None:
    """Lose the keys of exports of people who are erased, or of whom a document is redacted, in this transaction."""
    subjects = [("applicant", public_id(Prefix.APPLICANT, one)) for one in applicant_ids]
    await exports.forget_about(session, actor, partner_id, ExportKind.PERSON, subjects)
