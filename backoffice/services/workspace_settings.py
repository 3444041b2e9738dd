"""Settings of a partner's workspace: who may come in and how, and what applicants read of the company.

What is saved here is enforced where people come in: at the sign-in (`sign_in`, `invitations`) and with every request
and every event of an open page (`sessions`).
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import new_id
from backoffice.models.members import Member, Session
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.models.workspace_settings import (
    LEAST_CONTRAST,
    MAX_BRAND,
    MAX_CONTACT,
    MAX_NETWORKS,
    MAX_SIGN_OFF,
    MIN_IDLE,
    Brand,
    Effect,
    Rules,
    Security,
    WorkspaceSettings,
    contrast,
)
from backoffice.services import audit, sessions
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.networks import is_within
from backoffice.settings import settings

WRONG_NETWORK = "Your company lets people in from its own networks only, and you are not in one of them."
SUSPENDED = "Your company's access is suspended. Ask your administrator or write to us."
COLOR = re.compile(r"#[0-9a-f]{6}")
UNSAID = frozenset({"support_contact", "sign_off"})
"""Texts that the audit trail names and does not repeat: they may name a person."""
WIDEST = {4: 8, 6: 16}
"""The shortest prefix of a network by version of IP: a shorter one bounds nothing and is a slip."""


def topic(partner_id: UUID) -> str:
    """Name the settings of a partner as live messages do."""
    return f"settings:{partner_id}"


def security_topic(partner_id: UUID) -> str:
    """Name what makes open sockets be looked at again."""
    return f"security:{partner_id}"


async def of(session: AsyncSession, partner_id: UUID | None) -> Rules:
    """Read what holds for the people of a partner; for staff, and where nothing was said, the installation's rules."""
    if partner_id is None:
        return Rules()
    statement = (
        select(col(Partner.status), WorkspaceSettings)
        .outerjoin(WorkspaceSettings, col(WorkspaceSettings.partner_id) == col(Partner.id))
        .where(col(Partner.id) == partner_id)
    )
    found = (await session.execute(statement.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        return Rules()
    rules = _rules(found[1]) if found[1] else Rules()
    return replace(rules, is_suspended=found[0] == PartnerStatus.SUSPENDED)


def most() -> Security:
    """Say what the installation allows at most; a company may say less."""
    ours = settings()
    return Security(
        session_hours=ours.session_hours, idle_minutes=ours.session_idle_minutes, export_alone=ours.export_alone
    )


async def read(session: AsyncSession, actor: Actor) -> Rules:
    """Read the settings of the actor's partner."""
    actor.require(Permission.MEMBERS_READ)
    return await of(session, actor.require_partner())


async def brand_of(session: AsyncSession, partner_id: UUID) -> Brand:
    """Read how applicants know the company; without a name of its own it is the partner's."""
    brand = (await of(session, partner_id)).brand
    if brand.name:
        return brand
    name = (await session.execute(select(col(Partner.name)).where(col(Partner.id) == partner_id))).scalar_one()
    return Brand(name, brand.color, brand.support_contact, brand.sign_off)


def _rules(row: WorkspaceSettings) -> Rules:
    return Rules(
        row.version,
        Security(
            row.requires_second_factor, tuple(row.ip_allowlist), row.session_hours, row.idle_minutes, row.export_alone
        ),
        Brand(row.brand_name, row.brand_color, row.support_contact, row.sign_off),
    )


def checked(rules: Rules) -> Rules:
    """Tidy what somebody typed.

    Raises Invalid, whose pointer names the field.
    """
    asked, brand, ours = rules.security, rules.brand, settings()
    _within(asked.session_hours, 1, ours.session_hours, "A session may last {} to {} hours.", "/session_hours")
    idle = "People may be idle for {} to {} minutes."
    _within(asked.idle_minutes, MIN_IDLE, ours.session_idle_minutes, idle, "/idle_minutes")
    alone = "One person may take {} to {} documents along alone."
    _within(asked.export_alone, 0, ours.export_alone, alone, "/export_alone")
    return Rules(
        rules.version,
        replace(asked, ip_allowlist=_networks(asked.ip_allowlist)),
        Brand(
            _line(brand.name, MAX_BRAND, "A name", "/brand_name"),
            _color(brand.color),
            _line(brand.support_contact, MAX_CONTACT, "A contact", "/support_contact"),
            _line(brand.sign_off, MAX_SIGN_OFF, "A sign-off", "/sign_off"),
        ),
    )


def _within(number: int | None, least: int, most: int, sentence: str, pointer: str) -> None:
    if number is not None and not least <= number <= most:
        raise Invalid(sentence.format(least, most), code="out_of_range", pointer=pointer)


def _networks(texts: Collection[str]) -> tuple[str, ...]:
    if len(texts) > MAX_NETWORKS:
        raise Invalid(f"At most {MAX_NETWORKS} networks.", code="too_many_addresses", pointer="/ip_allowlist")
    found: list[str] = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            sentence = f"{text.strip()[:50]!r} is neither an address nor a network such as 203.0.113.0/24."
            raise Invalid(sentence, code="invalid_address", pointer="/ip_allowlist") from None
        if network.prefixlen < WIDEST[network.version]:
            sentence = f"{network} is so wide that it bounds nothing. Write /{WIDEST[network.version]} or longer."
            raise Invalid(sentence, code="network_too_wide", pointer="/ip_allowlist")
        found.append(str(network))
    return tuple(dict.fromkeys(found))


def _line(text: str, most: int, what: str, pointer: str) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > most or not tidy.isprintable():
        raise Invalid(f"{what} has at most {most} printable characters.", code="too_long", pointer=pointer)
    return tidy


def _color(text: str) -> str:
    tidy = text.strip().lower()
    if not tidy:
        return ""
    if not COLOR.fullmatch(tidy):
        raise Invalid("Write a colour like #1e3a8a.", code="invalid_color", pointer="/brand_color")
    ratio = contrast(tidy)
    if ratio < LEAST_CONTRAST:
        sentence = (
            f"White text on {tidy} has a contrast of {ratio:.1f} to 1, too little to be read well. "
            f"Take a darker colour: at least {LEAST_CONTRAST} to 1."
        )
        raise Invalid(sentence, code="contrast_too_low", pointer="/brand_color")
    return tidy


async def effect(session: AsyncSession, actor: Actor, wanted: Rules) -> Effect:
    """Say what a change would do at once, before it does.

    Raises Invalid when it would lock out the person who asks.
    """
    actor.require(Permission.MEMBERS_WRITE)
    partner_id, security = actor.require_partner(), checked(wanted).security
    await _refuse_lockout(session, actor, security)
    statement = sessions.living_ones(select(Session, sessions.has_second_factor())).where(
        col(Member.partner_id) == partner_id, col(Session.is_complete).is_(True)
    )
    ended = [row[0].id for row in await session.execute(statement) if _would_end(row[0], security, has_factor=row[1])]
    unenrolled = select(func.count()).where(
        col(Member.partner_id) == partner_id, col(Member.disabled_at).is_(None), ~sessions.has_second_factor()
    )
    to_enrol = (await session.execute(unenrolled)).scalar_one() if security.requires_second_factor else 0
    return Effect(sum(one != actor.session_id for one in ended), actor.session_id in ended, to_enrol)


def _would_end(row: Session, security: Security, *, has_factor: bool) -> bool:
    moment = now()
    hours, minutes = security.session_hours, security.idle_minutes
    return (
        (security.requires_second_factor and not has_factor)
        or (hours is not None and row.created_at + timedelta(hours=hours) <= moment)
        or (minutes is not None and row.last_seen_at + timedelta(minutes=minutes) <= moment)
        or (bool(security.ip_allowlist) and not is_within(row.ip, security.ip_allowlist))
    )


async def _refuse_lockout(session: AsyncSession, actor: Actor, security: Security) -> None:
    if security.ip_allowlist and not is_within(actor.ip, security.ip_allowlist):
        sentence = (
            f"Your own address, {actor.ip or 'which is not known'}, is in none of these networks: you would lock "
            "yourself out. Add it first."
        )
        raise Invalid(sentence, code="would_lock_out", pointer="/ip_allowlist")
    if not security.requires_second_factor:
        return
    own = select(col(Member.id)).where(col(Member.id) == actor.id, sessions.has_second_factor())
    if (await session.execute(own)).scalar_one_or_none() is None:
        sentence = "You have no second factor yourself: you would lock yourself out. Set one up first."
        raise Invalid(sentence, code="would_lock_out", pointer="/requires_second_factor")


async def save(session: AsyncSession, actor: Actor, wanted: Rules) -> Rules:
    """Let other settings hold from now on, for open pages as well.

    Raises Invalid for what cannot be or would lock out who saves it, Conflict when somebody was faster or nothing
    differs.
    """
    actor.require(Permission.MEMBERS_WRITE)
    partner_id, tidy = actor.require_partner(), checked(wanted)
    await _refuse_lockout(session, actor, tidy.security)
    before = _rules(await _held(session, partner_id))
    if before.version != wanted.version:
        raise Conflict("Somebody changed the settings since you opened them. Look again.", code="stale_version")
    if before.security != tidy.security:
        actor.require_fresh()
    changes = _changes(before, tidy)
    if not changes:
        raise Conflict("Nothing differs from the settings that hold.", code="nothing_changed")
    return await _write(session, actor, partner_id, tidy, changes)


async def _held(session: AsyncSession, partner_id: UUID) -> WorkspaceSettings:
    """Hold the row of a partner, made first where there is none."""
    blank = insert(WorkspaceSettings).values(
        id=new_id(), created_at=now(), changed_at=now(), partner_id=partner_id, version=0, requires_second_factor=False,
        brand_name="", brand_color="", support_contact="", sign_off="",
    )  # fmt: skip
    await session.execute(blank.on_conflict_do_nothing(index_elements=["partner_id"]))
    statement = select(WorkspaceSettings).where(col(WorkspaceSettings.partner_id) == partner_id).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


def _flat(rules: Rules) -> dict[str, object]:
    security, brand = rules.security, rules.brand
    return {
        "requires_second_factor": security.requires_second_factor,
        "ip_allowlist": list(security.ip_allowlist),
        "session_hours": security.session_hours,
        "idle_minutes": security.idle_minutes,
        "export_alone": security.export_alone,
        "brand_name": brand.name,
        "brand_color": brand.color,
        "support_contact": brand.support_contact,
        "sign_off": brand.sign_off,
    }


def _changes(before: Rules, after: Rules) -> dict[str, object]:
    was, becomes = _flat(before), _flat(after)
    return {name: True if name in UNSAID else [was[name], becomes[name]] for name in was if was[name] != becomes[name]}


async def _write(
    session: AsyncSession, actor: Actor, partner_id: UUID, rules: Rules, changes: dict[str, object]
) -> Rules:
    row = await _held(session, partner_id)
    for name, value in _flat(rules).items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, now()
    row.changed_by = actor.id if actor.type == ActorType.MEMBER else None
    await session.flush()
    await audit.record(
        session, actor, "settings.changed", subject_type="workspace_settings", subject_id=row.id,
        partner_id=partner_id, changes=changes | {"version": row.version},
    )  # fmt: skip
    live.announce(session, topic(partner_id), security_topic(partner_id))
    return _rules(row)


async def open_to_all_networks(session: AsyncSession, actor: Actor, partner_id: UUID) -> bool:
    """Take a partner's bound by network away, for people who locked themselves out; answers whether there was one."""
    actor.require(Permission.PARTNERS_WRITE)
    row = await _held(session, partner_id)
    rules = _rules(row)
    if not rules.security.ip_allowlist:
        return False
    wanted = replace(rules, security=replace(rules.security, ip_allowlist=()))
    await _write(session, actor, partner_id, wanted, _changes(rules, wanted))
    return True


def refuse_address(rules: Rules, ip: str) -> None:
    """Keep people out whose company is suspended, or who come from elsewhere than it says.

    Raises NotAllowed.
    """
    if rules.is_suspended:
        raise NotAllowed(SUSPENDED, code="partner_suspended")
    if rules.security.ip_allowlist and not is_within(ip, rules.security.ip_allowlist):
        raise NotAllowed(WRONG_NETWORK, code="address_not_allowed")
