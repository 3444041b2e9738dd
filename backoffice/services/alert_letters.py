"""Letters about alerts, gathered: one at once for everything that waits, and one a day for what can.

Who is to hear of an alert is written down in the transaction that opens it. What waits for a person becomes one letter:
at once, but not twice within a quarter of an hour, or at eight in the morning where the person is.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.clock import present
from backoffice.i18n import gettext, pgettext, speaking
from backoffice.i18n.dates import moment_words
from backoffice.models.alert_words import PLACE, SEVERITIES, Words, words
from backoffice.models.alerts import Alert, AlertKind, AlertLetter, AlertNotice, AlertState, Rhythm, Severity
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.services import alert_preferences, letter_preferences
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Addressed, Letter
from backoffice.settings import settings

MAIL_JOB = "alert.mail"
QUIET = timedelta(minutes=15)
MORNING = 8
MOST_NOTICES = 2_000
MOST_LINES = 20


async def tell(session: AsyncSession, alert: Alert, moment: datetime) -> None:
    """Write down who is to hear of an alert; who waits to hear of it already hears once."""
    alert.told_at, alert.told_severity = moment, alert.severity
    await session.flush()
    for member_id, rhythm in await alert_preferences.readers(session, alert.partner_id, AlertKind(alert.kind)):
        values = {
            "id": new_id(), "created_at": moment, "partner_id": alert.partner_id, "alert_id": alert.id,
            "member_id": member_id, "rhythm": rhythm,
        }  # fmt: skip
        await session.execute(insert(AlertNotice).values(values).on_conflict_do_nothing())


async def gather(session: AsyncSession, actor: Actor, partner_id: UUID) -> int:
    """Make letters of what waits and is due; answers how many. The caller holds the partner's lock."""
    actor.require(Permission.SYSTEM)
    moment, written = present(), 0
    for (member_id, rhythm), notices in (await _due(session, partner_id, moment)).items():
        if rhythm == Rhythm.DAILY or not await _was_told(session, member_id, moment):
            await _write(session, partner_id, member_id, rhythm, notices)
            written += 1
    return written


async def _due(session: AsyncSession, partner_id: UUID, moment: datetime) -> dict[tuple[UUID, Rhythm], list[UUID]]:
    """Find what is due by person and how they want to hear of it now, and forget what nobody need hear of any more."""
    statement = (
        select(AlertNotice, Alert, Member)
        .join(Alert, col(Alert.id) == col(AlertNotice.alert_id))
        .join(Member, col(Member.id) == col(AlertNotice.member_id))
        .where(col(AlertNotice.partner_id) == partner_id, col(AlertNotice.letter_id).is_(None))
        .order_by(col(AlertNotice.rhythm), col(AlertNotice.id))
        .limit(MOST_NOTICES)
    )
    due: dict[tuple[UUID, Rhythm], list[UUID]] = defaultdict(list)
    pointless: list[UUID] = []
    for notice, alert, member in await session.execute(statement):
        rhythm = alert_preferences.rhythm_of(member, AlertKind(alert.kind))
        if member.disabled_at is not None or _is_pointless(rhythm, AlertState(alert.state)):
            pointless.append(notice.id)
        elif rhythm == Rhythm.AT_ONCE or notice.created_at < morning(moment, member.time_zone):
            due[member.id, rhythm].append(notice.id)
    if pointless:
        await session.execute(delete(AlertNotice).where(col(AlertNotice.id).in_(pointless)))
    return due


def _is_pointless(rhythm: Rhythm, state: AlertState) -> bool:
    """Say whether nobody need hear of it: it is silent, or somebody takes care of it, or it is over by now."""
    return rhythm == Rhythm.OFF or state == AlertState.MUTED or (rhythm == Rhythm.AT_ONCE and state != AlertState.OPEN)


async def _was_told(session: AsyncSession, member_id: UUID, moment: datetime) -> bool:
    recent = select(col(AlertLetter.id)).where(
        col(AlertLetter.member_id) == member_id,
        col(AlertLetter.rhythm) == Rhythm.AT_ONCE,
        col(AlertLetter.created_at) > moment - QUIET,
    )
    return (await session.execute(recent.limit(1))).first() is not None


def morning(moment: datetime, zone: str) -> datetime:
    """Say when it was last eight in the morning where somebody is; where that is not known, by UTC."""
    try:
        here = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        here = moment.astimezone(UTC)
    eight = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return eight if eight <= here else eight - timedelta(days=1)


async def _write(session: AsyncSession, partner_id: UUID, member_id: UUID, rhythm: Rhythm, notices: list[UUID]) -> None:
    letter = AlertLetter(partner_id=partner_id, member_id=member_id, rhythm=rhythm, created_at=present())
    session.add(letter)
    await session.flush()
    taken = update(AlertNotice).where(col(AlertNotice.id).in_(notices)).values(letter_id=letter.id)
    await session.execute(taken.execution_options(synchronize_session=False))
    await job_queue.enqueue(session, MAIL_JOB, {"letter_id": str(letter.id)})


async def addressed(session: AsyncSession, actor: Actor, letter_id: UUID) -> Addressed | None:
    """Write one letter; None when there is nobody to write to, or nothing to say, any more."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(AlertLetter, Member, Partner)
        .join(Member, col(Member.id) == col(AlertLetter.member_id))
        .join(Partner, col(Partner.id) == col(AlertLetter.partner_id))
        .where(col(AlertLetter.id) == letter_id, col(Member.disabled_at).is_(None))
        .where(col(Member.partner_id) == col(AlertLetter.partner_id))
        .where(~col(Member.muted_letters).contains([LetterKind.ALERTS]))
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    head, member, partner = row
    about = (
        select(Alert)
        .join(AlertNotice, col(AlertNotice.alert_id) == col(Alert.id))
        .where(col(AlertNotice.letter_id) == letter_id)
        .distinct()
    )
    shown = alert_preferences.kinds_of(member.role, member.granted)
    told = sorted((one for one in (await session.execute(about)).scalars() if one.kind in shown), key=_most_urgent)
    if not told:
        return None
    stop = letter_preferences.link(member.id, LetterKind.ALERTS)
    name = f"{public_id(Prefix.ALERT, head.id)}.{public_id(Prefix.MEMBER, member.id)[-10:]}"
    with speaking(member.language):
        return Addressed(member.email, _letter(Rhythm(head.rhythm), told, partner.name, stop), name)


def _most_urgent(alert: Alert) -> tuple[bool, int, datetime]:
    return alert.state == AlertState.RESOLVED, Severity(alert.severity).rank, alert.opened_at


def _letter(rhythm: Rhythm, told: list[Alert], partner_name: str, stop: str) -> Letter:
    one = words(told[0]) if len(told) == 1 else None
    title, paragraphs = _about(one) if one else _about_several(rhythm, told)
    return Letter(
        subject=f"[{gettext(SEVERITIES[Severity(told[0].severity)])}] {title}"[:200],
        title=title,
        paragraphs=paragraphs,
        facts=((gettext("Company"), partner_name), *(_fact(alert) for alert in told[:MOST_LINES])),
        link=f"{settings().url}{one.href if one else PLACE}",
        link_words=one.link if one else pgettext("letter", "Open alerts"),
        reason=gettext(
            "You get this because you are a member of {partner}; under Alerts you choose what you hear of.",
            partner=partner_name,
        ),
        unsubscribe=stop,
    )


def _about(one: Words) -> tuple[str, tuple[str, ...]]:
    return one.title, tuple(part for part in (_capital(one.affected), one.advice) if part)


def _about_several(rhythm: Rhythm, told: list[Alert]) -> tuple[str, tuple[str, ...]]:
    if rhythm == Rhythm.DAILY:
        stands = sum(alert.state != AlertState.RESOLVED for alert in told)
        title = gettext("{count} alerts since yesterday, {stands} not over", count=len(told), stands=stands)
        return title, (gettext("What you chose to hear of once a day, the most urgent first."),)
    said = gettext(
        "We write at most once in {minutes} minutes, with everything that came meanwhile.", minutes=QUIET.seconds // 60
    )
    return gettext("{count} alerts", count=len(told)), (said,)


def _fact(alert: Alert) -> tuple[str, str]:
    title = words(alert).title
    if alert.state == AlertState.RESOLVED and alert.resolved_at:
        said = gettext("{title}. Over since {moment}.", title=title, moment=moment_words(alert.resolved_at))
    else:
        said = gettext("{title}. Since {moment}.", title=title, moment=moment_words(alert.opened_at))
    return gettext(SEVERITIES[Severity(alert.severity)]), said


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
