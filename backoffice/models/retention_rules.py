"""A retention rule: how long what ended is kept, why, and which of several rules counts for a document."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, timestamp
from backoffice.models.documents import Document, DocumentStatus

S = DocumentStatus


class Ending(StrEnum):
    """How a document ended, as far as keeping it goes."""

    APPROVED = "approved"
    REJECTED = "rejected"
    """Rejected, replaced by a better picture, or asked for again and never sent."""
    ABANDONED = "abandoned"
    """Never submitted."""
    CANCELED = "canceled"
    """Taken back by its partner after it was submitted."""


EU = frozenset({
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA",
    "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
})  # fmt: skip
REGIONS: dict[str, frozenset[str]] = {"EU": EU, "EEA": EU | {"ISL", "LIE", "NOR"}}
"""Groups of issuing countries that a rule may name in the place of one."""


class RetentionRule(Row, table=True):
    """One line of how long something is kept; empty means any. A change supersedes the row."""

    __tablename__ = "retention_rules"
    __table_args__ = (
        CheckConstraint("days between 1 and 36500", name="days_in_range"),
        CheckConstraint("(ended_at is not null) or (ended_by is null)", name="end_whole"),
        Index(
            "uq_retention_rules_place",
            "partner_id",
            "ending",
            "place",
            "type",
            unique=True,
            postgresql_where="ended_at is null",
            postgresql_nulls_not_distinct=True,
        ),
    )

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    ending: str = ""
    place: str = ""
    """A country as ISO 3166-1 alpha-3, or one of `REGIONS`."""
    type: str = ""
    days: int
    basis: str
    """The law or the promise that asks for it, in words that are shown."""
    is_duty: bool = False
    """A law says that it must be kept so long: an erasure waits for it, too (GDPR article 17(3)(b))."""
    version: int = 1
    supersedes_id: UUID | None = Field(default=None, foreign_key="retention_rules.id")
    created_by: UUID | None = Field(default=None, foreign_key="members.id")
    ended_at: datetime | None = timestamp(nullable=True)
    ended_by: UUID | None = Field(default=None, foreign_key="members.id")

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """Say how much this rule says: of several that fit, the highest counts.

        A partner's own before everybody's, then the one that names an ending, then a country before a region, then
        the one that names a type. Two rules of one rank name the same ending, or the same region: regions lie within
        each other, and the smaller one counts.
        """
        place = 0 if not self.place else 1000 - len(REGIONS[self.place]) if self.place in REGIONS else 1000
        return self.partner_id is not None, bool(self.ending), place, bool(self.type)

    def fits(self, case: "Case") -> bool:
        """Say whether this rule speaks of such a document."""
        return (
            self.partner_id in {None, case.partner_id}
            and self.ending in {"", case.ending}
            and self.type in {"", case.type}
            and (not self.place or case.country in REGIONS.get(self.place, {self.place}))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule that somebody wants."""

    partner_id: UUID | None = None
    ending: str = ""
    place: str = ""
    type: str = ""
    days: int
    basis: str
    is_duty: bool = False


class Case:
    """What rules look at of a document."""

    __slots__ = ("country", "ending", "partner_id", "type")

    def __init__(self, partner_id: UUID, ending: Ending, type_: str | None, country: str | None) -> None:
        self.partner_id, self.ending, self.type, self.country = partner_id, ending, type_ or "", country or ""


def ending_of(document: Document) -> Ending | None:
    """Say how a document ended; None while it has not."""
    status = DocumentStatus(document.status)
    if status == S.APPROVED:
        return Ending.APPROVED
    if status in {S.REJECTED, S.SUPERSEDED}:
        return Ending.REJECTED
    if status not in {S.EXPIRED, S.CANCELED}:
        return None
    if document.submitted_at is None:
        return Ending.ABANDONED
    return Ending.REJECTED if status == S.EXPIRED else Ending.CANCELED


def best(rules: Iterable[RetentionRule], case: Case) -> RetentionRule | None:
    """Find the rule that counts; None keeps for ever."""
    return max((rule for rule in rules if rule.fits(case)), key=lambda rule: rule.rank, default=None)


def rule_for(rules: Iterable[RetentionRule], document: Document) -> RetentionRule | None:
    """Find the rule that counts for a document; None when it has not ended, or nothing ends its keeping."""
    ending = ending_of(document)
    if ending is None:
        return None
    return best(rules, Case(document.partner_id, ending, document.type, document.issuing_country))


def end_of(rule: RetentionRule | None, document: Document) -> datetime | None:
    """Say when the time of a document is over under a rule."""
    if rule is None or document.completed_at is None:
        return None
    return document.completed_at + timedelta(days=rule.days)
