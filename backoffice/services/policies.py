"""Policies: drafted by one person, tried in shadow, published by another; a published wording never changes.

The house has one policy and each partner may have its own, which then rules instead. Everybody who wrote at a version
counts as its author; the database refuses an author as publisher.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.policies import Policy, PolicyVersion, VersionStatus
from backoffice.screening import policy_language
from backoffice.screening.policy_language import Fault, PolicyError
from backoffice.services import audit, partners, reasons
from backoffice.services.access import Actor, ActorType, Permission, found

TOPIC = "policies"
MAX_NOTE = 500
MOST_LISTED = 100
OPEN = (VersionStatus.DRAFT, VersionStatus.SHADOW)
ENDED = (VersionStatus.RETIRED, VersionStatus.DISCARDED)


@dataclass(frozen=True, slots=True)
class InForce:
    """What rules a partner's documents now, and what is tried beside it."""

    published: PolicyVersion | None
    shadow: PolicyVersion | None


async def in_force(session: AsyncSession, partner_id: UUID) -> InForce:
    """Read what rules this partner's documents at this moment: its own policy where it has one, else the house's."""
    moment = now()
    statement = (
        select(PolicyVersion)
        .where(or_(col(PolicyVersion.partner_id) == partner_id, col(PolicyVersion.partner_id).is_(None)))
        .where(
            or_(
                col(PolicyVersion.status) == VersionStatus.SHADOW,
                col(PolicyVersion.published_at) <= moment,
            ),
            or_(col(PolicyVersion.ended_at).is_(None), col(PolicyVersion.ended_at) > moment),
        )
        .order_by(col(PolicyVersion.published_at).desc().nulls_last())
    )
    rows = list((await session.execute(statement)).scalars())
    published = [row for row in rows if row.published_at]
    ruling = next((row for row in published if row.partner_id == partner_id), None) or next(iter(published), None)
    shadows = [row for row in rows if row.status == VersionStatus.SHADOW and (row.shadow_since or moment) <= moment]
    own = next((row for row in shadows if row.partner_id == partner_id), None)
    house = next((row for row in shadows if row.partner_id is None), None)
    return InForce(ruling, own or (house if ruling is None or ruling.partner_id is None else None))


async def versions(session: AsyncSession, actor: Actor, partner_id: UUID | None = None) -> list[PolicyVersion]:
    """List the versions of the house's policy, or of one partner's, newest first."""
    actor.require(Permission.POLICIES_READ)
    statement = select(PolicyVersion).where(
        col(PolicyVersion.partner_id).is_not_distinct_from(partner_id),
        col(PolicyVersion.status) != VersionStatus.DISCARDED,
    )
    return list((await session.execute(statement.order_by(col(PolicyVersion.number).desc()))).scalars())


async def every(session: AsyncSession, actor: Actor) -> list[PolicyVersion]:
    """List the newest versions of all policies, the house's first."""
    actor.require(Permission.POLICIES_READ)
    statement = (
        select(PolicyVersion)
        .where(col(PolicyVersion.status) != VersionStatus.DISCARDED)
        .order_by(col(PolicyVersion.partner_id).nulls_first(), col(PolicyVersion.number).desc())
    )
    return list((await session.execute(statement.limit(MOST_LISTED))).scalars())


async def get(session: AsyncSession, actor: Actor, version_id: UUID, *, lock: bool = False) -> PolicyVersion:
    """Find one version.

    Raises NotFound.
    """
    actor.require(Permission.POLICIES_READ)
    statement = select(PolicyVersion).where(col(PolicyVersion.id) == version_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "version of a policy")


async def by_name(session: AsyncSession, actor: Actor, name: str) -> PolicyVersion:
    """Find a version by what it is called: `pol_…@3`.

    Raises NotFound.
    """
    actor.require(Permission.POLICIES_READ)
    policy, _, number = name.partition("@")
    statement = select(PolicyVersion).where(
        col(PolicyVersion.policy_id) == parse_public_id(Prefix.POLICY, policy),
        col(PolicyVersion.number) == (int(number) if re.fullmatch(r"[1-9][0-9]{0,8}", number) else 0),
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "version of a policy")


async def ruling(session: AsyncSession, actor: Actor, partner_id: UUID | None) -> PolicyVersion | None:
    """Read what rules now: the house's version, or the partner's own."""
    actor.require(Permission.POLICIES_READ)
    statement = select(PolicyVersion).where(
        col(PolicyVersion.partner_id).is_not_distinct_from(partner_id),
        col(PolicyVersion.status) == VersionStatus.PUBLISHED,
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def faults(session: AsyncSession, source: str) -> list[Fault]:
    """Say everything that is wrong with a wording; none means that it could be published."""
    try:
        policy = await asyncio.to_thread(policy_language.parse, source)
    except PolicyError as error:
        return list(error.faults)
    return await _unusable_reasons(session, policy, source)


async def _unusable_reasons(session: AsyncSession, policy: policy_language.Policy, source: str) -> list[Fault]:
    """Reasons live in the catalogue: unknown ones, and those that only a person's note explains, cannot be given."""
    wanted = list(policy.reasons())
    known = await reasons.by_code(session, {code for _, _, code in wanted})
    found_faults: list[Fault] = []
    lines = await asyncio.to_thread(policy_language.lines_of_rules, source, len(policy.rules))
    for place, outcome, code in wanted:
        row = known.get(code)
        if row is None or code in reasons.BY_SYSTEM_ONLY:
            words = f"{code} is not a reason that a policy can give."
        elif row.needs_note:
            words = f"{code} needs a note, which only a person can write."
        elif outcome == "resubmission_requested" and not row.retryable:
            words = f"{code} allows no other try, so a new document cannot be asked for because of it."
        else:
            continue
        found_faults.append(Fault(lines[place], words))
    return found_faults[: policy_language.MAX_FAULTS]


async def read(session: AsyncSession, source: str) -> policy_language.Policy:
    """Read a wording that is about to count.

    Raises Invalid, whose `errors` name each line.
    """
    wrong = await faults(session, source)
    if wrong:
        said = " ".join(f"Line {fault.line}: {fault.message}" for fault in wrong)
        raise Invalid(said, code="policy_invalid", pointer="/source")
    return policy_language.parse(source)


async def draft(
    session: AsyncSession, actor: Actor, *, source: str, note: str, partner_id: UUID | None = None
) -> PolicyVersion:
    """Write a new draft; it may still be wrong, because a draft is where one works.

    Raises Invalid for a text that is too long, NotFound for a partner that does not exist.
    """
    author = _author(actor)
    _refuse_text(source, note)
    if partner_id:
        await partners.get(session, actor, partner_id)
    policy = await _policy(session, partner_id)
    last = await session.execute(
        select(func.max(col(PolicyVersion.number))).where(col(PolicyVersion.policy_id) == policy.id)
    )
    version = PolicyVersion(
        policy_id=policy.id,
        partner_id=partner_id,
        number=(last.scalar_one() or 0) + 1,
        source=source,
        note=note.strip(),
        authors=[author],
    )
    session.add(version)
    await session.flush()
    await _record(session, actor, version, "drafted")
    return version


def _author(actor: Actor) -> UUID:
    """Answer the person who writes: what counts later needs a name to it.

    Raises NotAllowed for jobs and API keys.
    """
    actor.require(Permission.POLICIES_WRITE)
    if actor.type != ActorType.MEMBER or actor.id is None:
        raise NotAllowed("Only a person can write or publish a policy.", code="person_needed")
    return actor.id


def _refuse_text(source: str, note: str) -> None:
    """Refuse what is too long, and the one letter that the database cannot keep."""
    if "\0" in source or "\0" in note:
        raise Invalid("This text holds a letter that cannot be kept.", code="policy_unreadable", pointer="/source")
    if len(source) > policy_language.MAX_SOURCE:
        message = f"A policy has at most {policy_language.MAX_SOURCE:,} characters."
        raise Invalid(message, code="policy_too_long", pointer="/source")
    if len(note) > MAX_NOTE:
        raise Invalid(f"The note is longer than {MAX_NOTE} characters.", code="note_too_long", pointer="/note")


async def _policy(session: AsyncSession, partner_id: UUID | None) -> Policy:
    """Find or make the line of versions, and keep others from numbering in it until the transaction ends."""
    statement = select(Policy).where(col(Policy.partner_id).is_not_distinct_from(partner_id)).with_for_update()
    policy = (await session.execute(statement)).scalar_one_or_none()
    if policy is None:
        try:
            async with session.begin_nested():
                session.add(Policy(partner_id=partner_id))
        except IntegrityError:
            pass  # somebody began it a moment earlier
        policy = (await session.execute(statement)).scalar_one()
    return policy


async def save(  # noqa: PLR0913 a draft is a text with a note, at a revision
    session: AsyncSession, actor: Actor, version_id: UUID, *, source: str, note: str, revision: int
) -> PolicyVersion:
    """Write a draft anew; whoever saves becomes one of its authors.

    Raises Conflict with `stale_version` when somebody saved meanwhile, or when it is no draft any more.
    """
    author = _author(actor)
    _refuse_text(source, note)
    version = await get(session, actor, version_id, lock=True)
    if version.status != VersionStatus.DRAFT:
        raise Conflict(f"Version {version.number} is {version.status} and keeps its wording.", code="not_a_draft")
    if version.revision != revision:
        raise Conflict("Somebody saved this draft meanwhile. Look at theirs, then save yours.", code="stale_version")
    if (source, note.strip()) == (version.source, version.note):
        return version
    version.source, version.note, version.revision = source, note.strip(), version.revision + 1
    if author not in version.authors:
        version.authors = [*version.authors, author]
    await session.flush()
    await _record(session, actor, version, "saved", revision=version.revision)
    return version


async def begin_shadow(
    session: AsyncSession, actor: Actor, version_id: UUID, *, revision: int | None = None
) -> PolicyVersion:
    """Let a draft rule live documents without effect; one at a time, and its wording stands from here on.

    `revision` is what the person has read. Raises Invalid for a wording that is wrong, Conflict when it is no draft,
    another version is in shadow or somebody saved meanwhile.
    """
    _author(actor)
    version = await get(session, actor, version_id, lock=True)
    _refuse_unread(version, revision)
    if version.status != VersionStatus.DRAFT:
        raise Conflict(f"Version {version.number} is {version.status}, not a draft.", code="not_a_draft")
    await read(session, version.source)
    version.status, version.shadow_since = VersionStatus.SHADOW, now()
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise Conflict("Another version is in shadow. End it first.", code="shadow_taken") from None
    await _record(session, actor, version, "shadowed")
    return version


def _refuse_unread(version: PolicyVersion, revision: int | None) -> None:
    """Keep a person from letting a wording rule that an author saved after they had read it."""
    if revision is not None and version.revision != revision:
        raise Conflict("Somebody saved this draft meanwhile. Look at theirs first.", code="stale_version")


async def publish(
    session: AsyncSession, actor: Actor, version_id: UUID, *, revision: int | None = None
) -> PolicyVersion:
    """Let a version rule from now on; the one before is retired, and decisions go on naming it.

    `revision` is what the publisher has read. Raises NotAllowed for anybody who wrote at it, Conflict when it is
    published or ended or somebody saved meanwhile, Invalid for a wrong wording.
    """
    publisher = _author(actor)
    version = await get(session, actor, version_id, lock=True)
    _refuse_unread(version, revision)
    if version.status not in OPEN:
        raise Conflict(f"Version {version.number} is {version.status} already.", code="not_open")
    if publisher in version.authors:
        message = "You wrote at this version. Somebody else has to publish it: four eyes see more than two."
        raise NotAllowed(message, code="second_person_needed")
    await read(session, version.source)
    moment = now()
    for earlier in await _published(session, version.policy_id):
        earlier.status, earlier.ended_at = VersionStatus.RETIRED, moment
    await session.flush()
    version.status, version.published_by, version.published_at = VersionStatus.PUBLISHED, publisher, moment
    await session.flush()
    await _record(
        session, actor, version, "published", authors=[public_id(Prefix.MEMBER, one) for one in version.authors]
    )
    return version


async def _published(session: AsyncSession, policy_id: UUID) -> Sequence[PolicyVersion]:
    await session.execute(select(Policy).where(col(Policy.id) == policy_id).with_for_update())
    statement = select(PolicyVersion).where(
        col(PolicyVersion.policy_id) == policy_id, col(PolicyVersion.status) == VersionStatus.PUBLISHED
    )
    return (await session.execute(statement.with_for_update())).scalars().all()


async def discard(session: AsyncSession, actor: Actor, version_id: UUID) -> PolicyVersion:
    """End a draft or a shadow that is not wanted.

    Raises Conflict for one that rules or ended.
    """
    _author(actor)
    version = await get(session, actor, version_id, lock=True)
    if version.status not in OPEN:
        raise Conflict(f"Version {version.number} is {version.status}; it cannot be discarded.", code="not_open")
    version.status, version.ended_at = VersionStatus.DISCARDED, now()
    await session.flush()
    await _record(session, actor, version, "discarded")
    return version


async def withdraw(session: AsyncSession, actor: Actor, partner_id: UUID) -> PolicyVersion:
    """End a partner's own policy: the house's rules its documents again.

    Raises NotFound when it has none in force.
    """
    _author(actor)
    statement = select(PolicyVersion).where(
        col(PolicyVersion.partner_id) == partner_id, col(PolicyVersion.status) == VersionStatus.PUBLISHED
    )
    version = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    version = found(version, "policy of this partner")
    version.status, version.ended_at = VersionStatus.RETIRED, now()
    await session.flush()
    await _record(session, actor, version, "withdrawn")
    return version


async def _record(session: AsyncSession, actor: Actor, version: PolicyVersion, what: str, **more: object) -> None:
    await audit.record(
        session,
        actor,
        f"policy.{what}",
        subject_type="policy_version",
        subject_id=version.id,
        partner_id=version.partner_id,
        changes={"policy_version": version.label, "status": version.status, **more},
    )
    live.announce(session, TOPIC)
