"""The sandbox as a developer sees it: pictures that decide themselves, and the clock of test data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.i18n import gettext, ngettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.reasons import Reason
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

PLACE = "/partner/developers/sandbox"
PICTURES = "/api/v1/docs/sandbox"
DOCUMENTS = "/partner/documents"


@dataclass(frozen=True)
class MagicCard:
    """One picture that decides itself, and what became of it when it was sent from here last."""

    name: str
    title: str
    picture: str
    says: str
    outcome: str
    """The status that it ends in."""
    reasons: str
    applicant: str
    born: str
    document_id: str = ""
    href: str = ""
    status: str = ""


@dataclass(frozen=True)
class ReasonChip:
    """One reason of the catalogue."""

    code: str
    label: str


@dataclass(frozen=True)
class ClockView:
    """In which time the test data lives."""

    now: str = ""
    ahead: str = ""
    """In words; empty when it is the present."""


def magic_card(  # noqa: PLR0913 what a picture is
    *,
    name: str,
    says: str,
    outcome: str,
    reasons: Sequence[str],
    applicant: Mapping[str, str],
    sent: Document | None,
) -> MagicCard:
    """Show one picture."""
    document_id = public_id(Prefix.DOCUMENT, sent.id) if sent else ""
    return MagicCard(
        name=name,
        title=plain(name),
        picture=f"{PICTURES}/{name}.jpg",
        says=gettext(says),
        outcome=outcome,
        reasons=", ".join(plain(code) for code in reasons),
        applicant=f"{applicant.get('given_names', '')} {applicant.get('surname', '')}".strip(),
        born=applicant.get("date_of_birth", ""),
        document_id=document_id,
        href=f"{DOCUMENTS}/{document_id}" if sent else "",
        status=sent.status if sent else "",
    )


def reason_chip(reason: Reason) -> ReasonChip:
    """Show one reason."""
    return ReasonChip(reason.code, gettext(reason.label))


def clock_view(moment: datetime, ahead: timedelta) -> ClockView:
    """Show the clock."""
    return ClockView(iso(moment.replace(microsecond=0)), length(ahead))


def length(by: timedelta) -> str:
    """Say a length of time in words, the two largest parts: 2 days 4 hours."""
    minutes, seconds = divmod(int(by.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (
        (days, ngettext("{count} day", "{count} days", days)),
        (hours, ngettext("{count} hour", "{count} hours", hours)),
        (minutes, ngettext("{count} minute", "{count} minutes", minutes)),
        (seconds, ngettext("{count} second", "{count} seconds", seconds)),
    )
    return " ".join([words for amount, words in parts if amount][:2])
