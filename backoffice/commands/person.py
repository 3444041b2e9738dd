"""The data of one person from the command line, for operators: into an archive that only its recipient opens."""

import asyncio
import io
import os
import tarfile
from collections.abc import AsyncGenerator
from pathlib import Path

from backoffice.adapters import archives
from backoffice.commands.authors import author
from backoffice.commands.console import explain, out, stop
from backoffice.db import transaction
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import person_exports, person_records
from backoffice.services.access import Actor, Permission, found

ACTOR = Actor.system(name="command line")


async def export(applicant: str, file: Path, recipient: str, email: str) -> None:
    """Read everything in the operator's name, write it down, and seal it for the recipient."""
    with explain():
        archives.checked_recipient(recipient)
        applicant_id = parse_public_id(Prefix.APPLICANT, applicant)
        async with transaction(ACTOR.tenancy) as session:
            actor = await author(session, email)
            actor.require(Permission.PARTNERS_WRITE)
            row = found(await session.get(Applicant, applicant_id), "applicant")
            record = await person_records.read(session, row.partner_id, row.id, actor.name)
            await person_exports.note(session, actor, row.id, row.partner_id, "command line")
        amount = await _seal(file, recipient, person_exports.contents(record))
        opens = f"`age -d -i KEY {file.name} | tar x` opens it."
        out.print(f"{file}: {amount:,} files and person.json. {opens}", soft_wrap=True)


async def _seal(file: Path, recipient: str, contents: AsyncGenerator[tuple[str, bytes]]) -> int:
    """Write beside the target and rename at the end, so that half of a person is never taken for all."""
    draft, loop, amount = file.with_name(f".{file.name}.{os.getpid()}"), asyncio.get_running_loop(), 0

    async def following() -> tuple[str, bytes] | None:
        return await anext(contents, None)

    def fill(tar: tarfile.TarFile) -> None:
        nonlocal amount
        while one := asyncio.run_coroutine_threadsafe(following(), loop).result():
            info = tarfile.TarInfo(one[0])
            info.size, info.mode = len(one[1]), 0o600
            tar.addfile(info, io.BytesIO(one[1]))
            amount += one[0] != "person.json"

    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            await asyncio.to_thread(archives.close_into, target, recipient, fill)
            os.fsync(target.fileno())
        draft.replace(file)
    except OSError as error:
        stop(f"{file} cannot be written ({error.strerror}).")
    finally:
        draft.unlink(missing_ok=True)
    return amount
