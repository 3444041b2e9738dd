"""Skills: which documents a reviewer is asked to read, said once in SQL and once for rows that were read already."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from babel.core import get_global
from babel.languages import get_official_languages
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.review_tasks import ReviewTask
from backoffice.models.reviewers import Reviewer

ALPHA_3 = 3


@cache
def languages() -> dict[str, frozenset[str]]:
    """Read which languages are official in which country (CLDR), as ISO 639-1 by ISO 3166-1 alpha-3."""
    aliases: dict[str, list[str]] = dict(get_global("territory_aliases"))
    countries = {code: now[0] for code, now in aliases.items() if len(code) == ALPHA_3 and code.isalpha()}
    return {code: _spoken(country) for code, country in countries.items()}


def _spoken(country: str) -> frozenset[str]:
    return frozenset(name.partition("_")[0] for name in get_official_languages(country, de_facto=True))


def known_languages() -> frozenset[str]:
    """Name every language that some country has officially."""
    return frozenset[str]().union(*languages().values())


def countries_of(row: Reviewer) -> frozenset[str]:
    """Name the countries whose documents this reviewer reads, by their own name or by language; empty is all."""
    wanted = frozenset(row.languages)
    return frozenset(row.countries) | {code for code, spoken in languages().items() if spoken & wanted}


def has_any(row: Reviewer) -> bool:
    """Whether the reviewer is a specialist of anything."""
    return bool(row.document_types or row.countries or row.languages)


def fits(row: Reviewer, task: ReviewTask, countries: Collection[str]) -> bool:
    """Whether a reviewer is skilled for a task; `countries` are `countries_of` them."""
    has_type = not row.document_types or task.document_type in row.document_types
    return has_type and (not countries or task.issuing_country in countries)


def condition(row: Reviewer) -> ColumnElement[bool]:
    """Say the same in SQL."""
    parts: list[ColumnElement[bool]] = []
    if row.document_types:
        parts.append(col(ReviewTask.document_type).in_(row.document_types))
    if countries := countries_of(row):
        parts.append(col(ReviewTask.issuing_country).in_(sorted(countries)))
    return and_(true(), *parts)


async def matching(session: AsyncSession, member_id: UUID) -> ColumnElement[bool] | None:
    """Say in SQL what a member is skilled for; None when they read everything."""
    row = (await session.execute(select(Reviewer).where(col(Reviewer.member_id) == member_id))).scalar_one_or_none()
    return condition(row) if row is not None and has_any(row) else None
