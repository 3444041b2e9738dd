"""Erase one person from the command line: show what goes, ask, order it, and follow it to its receipt.

Words go to the standard error: the standard output has the result alone, the request's id or the receipt.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import signing
from backoffice.clock import wall
from backoffice.commands.authors import author
from backoffice.commands.console import explain, stop
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.services import erasure_orders, erasures, partners
from backoffice.services.access import Actor
from backoffice.services.erasure_orders import Preview

ACTOR = Actor.system(name="command line")
LOOK_SECONDS = 0.3
PATIENCE_SECONDS = 300.0
words = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody typed."""

    applicant: str
    reason: str
    partner: str = ""
    email: str = ""
    is_sure: bool = False
    waits: bool = False
    receipt: Path | None = None


async def erase(asked: Asked) -> None:
    """Order one erasure; asking again follows the same one."""
    with explain():
        applicant_id = parse_public_id(Prefix.APPLICANT, asked.applicant)
        erasure_orders.checked(asked.reason)
        if asked.receipt and not asked.receipt.absolute().parent.is_dir():
            stop(f"There is no folder for {asked.receipt}.")
        found = await _look(asked, applicant_id)
        _show(found, asked.applicant)
        if found.request is None and not asked.is_sure:
            _confirm()
        row = found.request or await _order(asked, applicant_id)
        if asked.waits or asked.receipt:
            row = await _followed(row)
            _keep(row, asked.receipt)
        else:
            words.print(_standing(row))
            sys.stdout.write(f"{public_id(Prefix.ERASURE_REQUEST, row.id)}\n")


async def _look(asked: Asked, applicant_id: UUID) -> Preview:
    async with transaction(ACTOR.tenancy) as session:
        actor = await _actor(session, asked.email)
        found = await erasure_orders.preview(session, actor, applicant_id)
        if asked.partner:
            partner = await partners.by_slug(session, ACTOR, asked.partner)
            if partner is None:
                raise NotFound(f"There is no partner with the short name {asked.partner}.")
            if partner.id != found.partner_id:
                raise NotFound(f"There is no applicant with this id at {asked.partner}.")
    return found


async def _order(asked: Asked, applicant_id: UUID) -> ErasureRequest:
    async with transaction(ACTOR.tenancy) as session:
        actor = await _actor(session, asked.email)
        return await erasure_orders.order(session, actor, applicant_id, reason=asked.reason)


async def _actor(session: AsyncSession, email: str) -> Actor:
    return await author(session, email) if email else ACTOR


def _show(found: Preview, applicant: str) -> None:
    kind = "" if found.livemode else " (test data)"
    is_open = f" ({found.open_documents} still open)" if found.open_documents else ""
    words.print(
        f"{applicant} of {found.partner}{kind}: {_many(found.documents, 'document')}{is_open}, "
        f"{_many(found.files, 'file')}, and the key that opens what is kept of this person."
    )
    if found.request is None:
        for until, basis in found.keepers:
            words.print(f"It has to wait {_until(until)}: {basis}")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _until(moment: datetime | None) -> str:
    return f"until {moment:%Y-%m-%d %H:%M} UTC" if moment else "until a hold is released"


def _confirm() -> None:
    if not sys.stdin.isatty():
        stop("Nobody is here to ask; say --yes to erase without a question.")
    words.print("This cannot be taken back. Erase? [y/N]: ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        stop("Nothing was erased.")


def _standing(row: ErasureRequest) -> str:
    """Say in a sentence how an erasure stands."""
    request = public_id(Prefix.ERASURE_REQUEST, row.id)
    if row.status == ErasureStatus.COMPLETED and row.completed_at:
        return f"{request}: erased on {row.completed_at:%Y-%m-%d at %H:%M} UTC."
    if row.status == ErasureStatus.ON_HOLD:
        return f"{request} waits {_until(row.held_until)}: {row.hold_basis}. It goes on by itself."
    return f"{request} is asked for; a worker does it. `--wait` follows it."


async def _followed(row: ErasureRequest) -> ErasureRequest:
    """Look until it is done; stop with a sentence where it has to wait, or nobody does it."""
    ends = wall().timestamp() + PATIENCE_SECONDS
    while row.status != ErasureStatus.COMPLETED:
        if row.status == ErasureStatus.ON_HOLD:
            stop(_standing(row))
        if wall().timestamp() > ends:
            request = public_id(Prefix.ERASURE_REQUEST, row.id)
            stop(f"{request} is not done yet. Look whether a worker runs; the same command goes on waiting.")
        await asyncio.sleep(LOOK_SECONDS)
        async with transaction(ACTOR.tenancy) as session:
            row = await erasures.get(session, ACTOR, row.id)
    return row


def _keep(row: ErasureRequest, file: Path | None) -> None:
    """Write the receipt down, and beside a file the keys that check it."""
    words.print(_standing(row))
    receipt = json.dumps(row.receipt, indent=2) + "\n"
    if file is None:
        sys.stdout.write(receipt)
        return
    keys = file.with_name(f"{file.name}.keys")
    _write({file: receipt, keys: json.dumps({"keys": [signing.public_key()]}, indent=2) + "\n"})
    words.print(f"The receipt is in {file}, the keys that check it are in {keys}.")


def _write(texts: dict[Path, str]) -> None:
    for file, text in texts.items():
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            draft.write_text(text)
            draft.replace(file)
        except OSError as error:
            stop(f"{file} cannot be written ({error.strerror}). The erasure is done; ask again for its receipt.")
        finally:
            draft.unlink(missing_ok=True)
