"""Prices: read from a file that an operator wrote, published as versions, looked up by date.

An installation begins without any; then nothing costs anything, no invoice is made, and no screen names a price.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Invalid
from backoffice.models.invoices import Month
from backoffice.models.money import EXPONENTS, to_minor
from backoffice.models.partners import Plan
from backoffice.models.prices import FEE, PlanPrices, PriceList, PriceVersion, Tier, as_json, price_list
from backoffice.models.usage_records import UsageKind
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission

LOCK = 4_772_031
MOST_DIGITS = Decimal(10) ** 12
PARTS = Decimal("0.000001")
"""The smallest part of a minor unit that a price may have: what an invoice line keeps."""


class _Texts(yaml.SafeLoader):
    """Leaves every scalar the text that it is: 0.30 must not become a float."""


_Texts.yaml_implicit_resolvers = {}


def read(source: str) -> tuple[datetime, dict[str, dict[Plan, PlanPrices]]]:
    """Read a file of prices; answers from when on they are valid, and the prices.

    Raises Invalid, which says where and why.
    """
    try:
        found: object = yaml.load(source, _Texts)  # noqa: S506 a SafeLoader without any types
    except yaml.YAMLError as error:
        raise Invalid(f"This is not YAML: {error}.", code="invalid_prices") from None
    whole = _mapping(found, "the file")
    _known(whole, {"valid_from", "currencies"}, "the file")
    currencies = _mapping(whole.get("currencies"), "currencies")
    plans = {currency: _currency(currency, value) for currency, value in currencies.items()}
    return _date(whole.get("valid_from")), plans


def _currency(currency: str, value: object) -> dict[Plan, PlanPrices]:
    _known({currency: value}, set(EXPONENTS), "currencies")
    by_plan = _mapping(value, currency)
    _known(by_plan, set(Plan), currency)
    return {Plan(plan): _plan(prices, f"{currency}, {plan}", currency) for plan, prices in by_plan.items()}


def _plan(value: object, where: str, currency: str) -> PlanPrices:
    prices = _mapping(value, where)
    _known(prices, {FEE, *UsageKind}, where)
    monthly = _amount(prices.get(FEE, "0"), f"{where}, {FEE}", currency)
    if monthly != monthly.to_integral_value():
        raise _wrong(f"{where}, {FEE}", "a monthly price has no parts of a minor unit")
    tiers = {
        UsageKind(kind): _tiers(rows, f"{where}, {kind}", currency) for kind, rows in prices.items() if kind != FEE
    }
    return PlanPrices(int(monthly), tiers)


def _tiers(value: object, where: str, currency: str) -> tuple[Tier, ...]:
    if isinstance(value, str):
        return (Tier(None, _amount(value, where, currency)),)
    if not isinstance(value, list) or not value:
        raise _wrong(where, "say one price, or a list of tiers")
    rows = [_mapping(row, where) for row in cast("list[object]", value)]
    tiers = tuple(_tier(row, where, currency) for row in rows)
    bounds = [tier.up_to for tier in tiers]
    if bounds[-1] is not None or any(bound is None for bound in bounds[:-1]):
        raise _wrong(where, "only the last tier, and always the last one, has no up_to")
    known = [bound for bound in bounds if bound is not None]
    if known != sorted(set(known)) or any(bound < 1 for bound in known):
        raise _wrong(where, "up_to grows from tier to tier")
    return tiers


def _tier(row: Mapping[str, object], where: str, currency: str) -> Tier:
    _known(row, {"up_to", "each"}, where)
    up_to = str(row["up_to"]) if "up_to" in row else None
    if up_to is not None and not (up_to.isascii() and up_to.isdecimal() and len(up_to) <= len("1000000000")):
        raise _wrong(where, "up_to is a whole number")
    return Tier(int(up_to) if up_to else None, _amount(row.get("each"), where, currency))


def _amount(value: object, where: str, currency: str) -> Decimal:
    text = str(value)
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        raise _wrong(where, f"{text!r} is no price; write it like 0.30")
    amount = to_minor(text, currency)
    if amount > MOST_DIGITS or amount != amount.quantize(PARTS):
        raise _wrong(where, f"{text!r} is too large, or has too many digits")
    return amount.normalize()


def _date(value: object) -> datetime:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise _wrong("valid_from", "write a day like 2026-12-01") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise _wrong(where, "names with values are wanted here")
    return {str(key): found for key, found in cast("dict[object, object]", value).items()}


def _known(found: Mapping[str, object], names: set[str] | set[UsageKind | str] | set[Plan], where: str) -> None:
    known = {str(name) for name in names}
    if strange := sorted(set(found) - known):
        raise _wrong(where, f"{strange[0]} is not known here; known are {', '.join(sorted(known))}")


def _wrong(where: str, why: str) -> Invalid:
    return Invalid(f"In {where}: {why}.", code="invalid_prices")


async def publish(session: AsyncSession, actor: Actor, *, source: str, note: str = "") -> PriceVersion:
    """Publish a file as the next version.

    Raises Invalid for a file that is wrong, or one that begins before the present month: earlier months are billed.
    """
    actor.require(Permission.PARTNERS_WRITE)
    valid_from, plans = read(source)
    if valid_from < Month.of(present()).starts:
        raise Invalid("Prices begin in the present month at the earliest: months before it are billed.",
                      code="invalid_prices")  # fmt: skip
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    last = (await session.execute(select(func.max(col(PriceVersion.number))))).scalar_one() or 0
    maker = actor.id if actor.type == ActorType.MEMBER else None
    row = PriceVersion(
        created_at=present(), number=last + 1, valid_from=valid_from, prices=as_json(plans), note=note, made_by=maker
    )
    session.add(row)
    await session.flush()
    changes: dict[str, object] = {"number": row.number, "valid_from": valid_from.date().isoformat()}
    await audit.record(session, actor, "prices.published", subject_type="prices", subject_id=row.id, changes=changes)
    return row


async def versions(session: AsyncSession) -> list[PriceList]:
    """Read every version, in the order in which they begin; those who bill ask, whoever they act for."""
    statement = select(PriceVersion).order_by(col(PriceVersion.valid_from), col(PriceVersion.number))
    return [price_list(row) for row in (await session.execute(statement)).scalars()]


async def published(session: AsyncSession, actor: Actor) -> list[PriceVersion]:
    """List versions for operators, newest first."""
    actor.require(Permission.PARTNERS_READ)
    return list((await session.execute(select(PriceVersion).order_by(col(PriceVersion.number).desc()))).scalars())


def at(lists: list[PriceList], moment: datetime) -> PriceList | None:
    """Answer the version in force: of those that have begun the one that began last; None before the first one."""
    begun = [one for one in lists if one.valid_from <= moment]
    return max(begun, key=lambda one: (one.valid_from, one.number), default=None)
