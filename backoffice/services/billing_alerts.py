"""Thresholds that a partner set: told once in a month each, on the screen and by e-mail."""

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import present
from backoffice.i18n import gettext, ngettext, pgettext, speaking
from backoffice.i18n.dates import moment_words, month_words
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.billing_accounts import BillingAccount, BillingNotice, ThresholdKind
from backoffice.models.invoices import Month
from backoffice.models.members import Member
from backoffice.models.money import written
from backoffice.models.partners import Partner
from backoffice.services import audit, billing_accounts, invoices, members, quotas
from backoffice.services.access import Actor, Permission, permissions_of
from backoffice.services.letters import Addressed, Letter, subject
from backoffice.settings import settings

MAIL_JOB = "billing.mail"
READERS = {
    ThresholdKind.USAGE: (Permission.USAGE_READ, Permission.ALERTS_WRITE),
    ThresholdKind.SPEND: (Permission.BILLING_READ,),
}
"""What somebody is able to do who is written to."""
PLACES = {ThresholdKind.USAGE: "/partner/usage", ThresholdKind.SPEND: "/partner/billing"}


def topic(partner_id: UUID) -> str:
    """Name what changes when a threshold is reached."""
    return f"billing:{partner_id}"


async def watched(session: AsyncSession, actor: Actor) -> list[UUID]:
    """Name partners that want to be told of something."""
    actor.require(Permission.SYSTEM)
    wants = or_(
        func.cardinality(col(BillingAccount.usage_percents)) > 0,
        func.cardinality(col(BillingAccount.spend_amounts)) > 0,
    )
    statement = select(col(BillingAccount.partner_id)).where(wants).order_by(col(BillingAccount.partner_id))
    return list((await session.execute(statement)).scalars())


async def check(session: AsyncSession, actor: Actor, partner_id: UUID) -> int:
    """Tell of every threshold that one partner has reached and was not told of; answers how many those are."""
    actor.require(Permission.SYSTEM)
    account, acting = await billing_accounts.of(session, partner_id), Actor.system(partner_id, name=actor.name)
    month, told = Month.of(present()), 0  # asked before it is counted: never an old month's count in a new month
    if account.usage_percents:
        standing = await quotas.standing(session, acting)
        for percent in account.usage_percents:
            if standing.used * 100 >= percent * standing.included:
                told += await _tell(session, account, month, (ThresholdKind.USAGE, percent), standing.used)
    if account.spend_amounts and (bill := await invoices.current(session, acting)):
        for amount in account.spend_amounts:
            if bill.total >= amount:
                told += await _tell(session, account, month, (ThresholdKind.SPEND, amount), bill.total)
    return told


async def _tell(
    session: AsyncSession, account: BillingAccount, month: Month, what: tuple[ThresholdKind, int], reached: int
) -> int:
    kind, threshold = what
    values = {
        "id": new_id(), "created_at": present(), "partner_id": account.partner_id, "month": month.first, "kind": kind,
        "threshold": threshold, "reached": reached, "currency": account.currency,
    }  # fmt: skip
    statement = insert(BillingNotice).values(values).on_conflict_do_nothing().returning(col(BillingNotice.id))
    notice_id = (await session.execute(statement)).scalar_one_or_none()
    if notice_id is None:
        return 0
    readers = select(col(Member.id)).where(
        col(Member.partner_id) == account.partner_id,
        members.who_may(*READERS[kind]),
        col(Member.disabled_at).is_(None),
    )
    for member_id in (await session.execute(readers.order_by(col(Member.id)))).scalars():
        await job_queue.enqueue(session, MAIL_JOB, {"notice_id": str(notice_id), "member_id": str(member_id)})
    acting = Actor.system(account.partner_id, name="billing")
    changes: dict[str, object] = {"kind": kind, "threshold": threshold, "reached": reached}
    await audit.record(
        session, acting, "billing.threshold_reached", subject_type="partner", subject_id=account.partner_id,
        changes=changes,
    )  # fmt: skip
    live.announce(session, topic(account.partner_id))
    return 1


async def told(session: AsyncSession, actor: Actor) -> list[BillingNotice]:
    """List what was told this month, newest first; amounts are for those who may see money."""
    actor.require(Permission.USAGE_READ)
    statement = select(BillingNotice).where(
        col(BillingNotice.partner_id) == actor.require_partner(),
        col(BillingNotice.month) == Month.of(present()).first,
    )
    if not actor.can(Permission.BILLING_READ):
        statement = statement.where(col(BillingNotice.kind) == ThresholdKind.USAGE)
    return list((await session.execute(statement.order_by(col(BillingNotice.id).desc()))).scalars())


async def addressed(session: AsyncSession, actor: Actor, notice_id: UUID, member_id: UUID) -> Addressed | None:
    """Write the letter to one person; None when there is nobody to write to any more."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(BillingNotice, Partner, Member)
        .join(Partner, col(Partner.id) == col(BillingNotice.partner_id))
        .join(Member, col(Member.partner_id) == col(BillingNotice.partner_id))
        .where(col(BillingNotice.id) == notice_id, col(Member.id) == member_id, col(Member.disabled_at).is_(None))
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None or not _may_read(row.Member, ThresholdKind(row.BillingNotice.kind)):
        return None
    name = f"billing.{row.BillingNotice.id.hex}.{public_id(Prefix.MEMBER, row.Member.id)[-10:]}"
    with speaking(row.Member.language):
        return Addressed(row.Member.email, letter(row.BillingNotice, row.Partner.name), name)


def _may_read(row: Member, kind: ThresholdKind) -> bool:
    return permissions_of(row.role, row.granted).issuperset(READERS[kind])


def words(notice: BillingNotice) -> str:
    """Say it in one sentence."""
    if notice.kind == ThresholdKind.USAGE:
        return gettext("{percent} % of this month's documents are used.", percent=notice.threshold)
    amount = written(notice.threshold, notice.currency)
    return gettext("This month costs more than {amount} so far.", amount=amount)


def letter(notice: BillingNotice, partner_name: str) -> Letter:
    """Say what was reached, and that it is said once."""
    kind = ThresholdKind(notice.kind)
    is_usage = kind == ThresholdKind.USAGE
    title = gettext("A usage threshold was reached") if is_usage else gettext("A cost threshold was reached")
    return Letter(
        subject=subject(title, words(notice)),
        title=title,
        paragraphs=(words(notice), gettext("You hear of each threshold once a month.")),
        facts=(
            (gettext("Company"), partner_name),
            (gettext("Month"), month_words(notice.month)),
            (gettext("So far"), _reached(notice)),
            (pgettext("fact", "When"), moment_words(notice.created_at)),
        ),
        link=f"{settings().url}{PLACES[kind]}",
        link_words=gettext("Open usage") if is_usage else gettext("Open billing"),
        reason=gettext("You get this because {partner} asked to be told of it.", partner=partner_name),
    )


def _reached(notice: BillingNotice) -> str:
    if notice.kind == ThresholdKind.USAGE:
        return ngettext("{count} document", "{count} documents", notice.reached)
    return gettext("{amount}, provisional", amount=written(notice.reached, notice.currency))
