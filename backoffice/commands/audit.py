"""The sealed audit log from the command line: write it to a file, with the key that checks it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from backoffice.commands.audit_verify import size_in
from backoffice.commands.console import out, stop
from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.services import audit_checkpoints, audit_files, partners
from backoffice.services.access import Actor
from backoffice.services.audit_files import Scope

NAME = "command line"
SYSTEM = Actor.system(name=NAME)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to export, as somebody typed it."""

    partner: str
    start: str
    end: str
    checkpoint: Path | None


def place_of(*given: Path | None) -> Path:
    """Say where to write to."""
    found = next((path for path in given if path), None)
    return found or stop("Say where to write the export: backoffice audit export FILE")


async def export(file: Path, asked: Asked, public_key: Path | None) -> None:
    """Write an export and its key; a file appears when it is whole."""
    key_file = public_key or file.with_name(f"{file.name}.key")
    actor = Actor.system(await _partner(asked.partner), name=NAME)
    since = size_in(asked.checkpoint) if asked.checkpoint else None
    scope = Scope(start=_moment(asked.start), end=_moment(asked.end), since=since)
    try:
        async with transaction(actor.tenancy) as session:
            head = await audit_files.begin(session, actor, scope)
    except BackofficeError as error:
        stop(str(error))
    draft, count = file.with_name(f".{file.name}.part"), 0
    with draft.open("wb") as target:
        async with transaction(actor.tenancy) as session:
            async for line in audit_files.lines(session, actor, scope, head):
                target.write(line)
                count += b'"type":"entry"' in line or b'"type":"withheld"' in line
    draft.replace(file)
    key_file.write_text(f"{audit_checkpoints.public_key()}\n")
    out.print(f"{count:,} entries of a log of {head.size:,} are in {file}; the key is in {key_file}.", soft_wrap=True)


async def _partner(slug: str) -> UUID | None:
    if not slug:
        return None
    async with transaction(SYSTEM.tenancy) as session:
        found = await partners.by_slug(session, SYSTEM, slug)
    return found.id if found else stop(f"There is no partner with the short name {slug}.")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{text!r} is no day and no moment; write 2026-11-28 or 2026-11-28T10:00:00Z.")
    return read if read.tzinfo else read.replace(tzinfo=UTC)
