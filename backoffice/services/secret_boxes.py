"""Small sealed secrets move to the newest key, while everything runs.

A walk reads boxes that an older version sealed, opens and seals them outside of any transaction, and writes each one
back only where its row is still as it was read: what somebody changed or deleted meanwhile stays so. Where it dies,
the boxes say by themselves what is left, for each begins with its version.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import boxes
from backoffice.adapters.cipher import Tampered
from backoffice.adapters.derive import box_version
from backoffice.db import execute
from backoffice.services import audit, invitees, second_factor, sso_connections, webhook_secrets
from backoffice.services.access import Actor, Permission
from backoffice.services.vault import aad

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of boxes: what they are sealed for, and the place that each is bound to."""

    use: str
    table: str
    column: str
    purpose: str
    place: Callable[[UUID, str], bytes] = aad

    @property
    def where(self) -> str:
        """Select the boxes that another version sealed than one whose head is given."""
        column = self.column
        return f"octet_length({column}) > 0 and substring({column}, 1, octet_length(%(head)s::bytea)) <> %(head)s"


def _row(row: UUID, _column: str) -> bytes:
    return row.bytes


COLUMNS = (
    Sealed("Authenticator apps", "members", "totp_secret_box", second_factor.KEY, _row),
    Sealed("Invitations", "invitations", "totp_secret_box", second_factor.KEY, _row),
    Sealed("Invitations", "invitations", "letter_box", invitees.KEY, _row),
    Sealed("Webhook secrets", "webhook_endpoints", "secret_box", webhook_secrets.KEY_PURPOSE),
    Sealed("Webhook secrets", "webhook_endpoints", "previous_secret_box", webhook_secrets.KEY_PURPOSE),
    Sealed("Single sign-on", "sso_connections", "secret_box", sso_connections.KEY_PURPOSE),
)
"""Every box that outlives a day. Those of sign-ins under way, of answers kept for repeats and of queued letters end by
themselves within one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box as it stands in its row."""

    id: UUID
    box: bytes


async def left(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """Count the boxes of each use that an older version seals."""
    actor.require(Permission.JOBS_READ)
    head, counts = boxes.head_of(box_version()), dict[str, int]()
    for column in COLUMNS:
        sql = f"select count(*) from {column.table} where {column.where}"  # noqa: S608 names of our own tables
        [(count,)] = await execute(session, sql, {"head": head})
        counts[column.use] = counts.get(column.use, 0) + count
    return counts


async def older(session: AsyncSession, actor: Actor, column: Sealed, after: UUID | None) -> list[Box]:
    """Read the next boxes of a column that an older version seals, by id."""
    actor.require(Permission.SYSTEM)
    sql = (
        f"select id, {column.column} from {column.table} where {column.where} "  # noqa: S608 names of our own tables
        "and (%(after)s::uuid is null or id > %(after)s) order by id limit %(most)s"
    )
    values = {"head": boxes.head_of(box_version()), "after": after, "most": AT_ONCE}
    return [Box(*row) for row in await execute(session, sql, values)]


def sealed_again(column: Sealed, rows: Sequence[Box]) -> tuple[list[tuple[Box, bytes]], list[UUID]]:
    """Seal boxes anew; answers also which rows cannot be opened."""
    done, broken = list[tuple[Box, bytes]](), list[UUID]()
    for row in rows:
        place = column.place(row.id, column.column)
        try:
            done.append((row, boxes.seal(column.purpose, boxes.open_(column.purpose, row.box, place), place)))
        except Tampered:
            broken.append(row.id)
    return done, broken


async def keep(session: AsyncSession, actor: Actor, column: Sealed, done: Sequence[tuple[Box, bytes]]) -> int:
    """Write back what was sealed anew, where the row is still as it was read. Answers how many.

    Rows are locked in one order, so that two walks wait for each other and never for ever.
    """
    actor.require(Permission.SYSTEM)
    if not done:
        return 0
    table, name = column.table, column.column
    sql = f"""
    with told as (select * from unnest(%s::uuid[], %s::bytea[], %s::bytea[]) as t (id, before, box)),
    held as (
        select t.id, told.box from {table} t join told using (id) where t.{name} = told.before
        order by t.id for no key update of t
    )
    update {table} set {name} = held.box from held where {table}.id = held.id returning {table}.id"""  # noqa: S608 names of our own tables
    values = ([row.id for row, _ in done], [row.box for row, _ in done], [box for _, box in done])
    return len(await execute(session, sql, values))


async def note_done(session: AsyncSession, actor: Actor, *, resealed: int, broken: int) -> None:
    """Write down that a walk came to its end."""
    actor.require(Permission.SYSTEM)
    changes: dict[str, object] = {"version": box_version(), "resealed": resealed, "cannot_be_opened": broken}
    await audit.record(session, actor, "secret.resealed", subject_type="secret", changes=changes)
