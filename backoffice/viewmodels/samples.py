"""Second looks as reviewers and leads see them; nothing of a verdict before it is theirs to see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backoffice.models.base import Prefix, public_id
from backoffice.models.samples import Look, Sample, SampleSettings
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import document_kind, plain
from backoffice.viewmodels.workspaces import DeskView

BANDS = {"low": "Low risk", "medium": "Medium risk", "high": "High risk"}
CAUSES = {"guideline": "Guideline", "image": "Image", "attention": "Attention"}
VIEWS = {"mine": "My looks", "disagreements": "Disagreements"}


@dataclass(frozen=True)
class LookRow:
    """One answered sample; names of others are for leads."""

    id: str = ""
    href: str = ""
    kind: str = ""
    partner: str = ""
    reference: str = ""
    document_href: str = ""
    band: str = ""
    is_gold: bool = False
    agrees: bool = True
    first: str = ""
    first_reasons: str = ""
    first_by: str = ""
    decided_at: str = ""
    second: str = ""
    second_reasons: str = ""
    second_by: str = ""
    answered_at: str = ""
    cause: str = ""
    cause_words: str = ""


def look_row(look: Look, labels: Mapping[str, str], *, is_lead: bool) -> LookRow:
    """Put two verdicts side by side."""
    sample_id, document_id = public_id(Prefix.SAMPLE, look.id), public_id(Prefix.DOCUMENT, look.document.id)
    maker = look.first_by if is_lead else "A colleague"
    return LookRow(
        id=sample_id,
        href=f"/review/samples/{sample_id}",
        kind=document_kind(look.document.type, look.document.issuing_country),
        partner=look.partner,
        reference=look.document.external_id or document_id,
        document_href=f"/review/documents/{document_id}",
        band=BANDS[look.band],
        is_gold=look.is_gold,
        agrees=look.first_outcome == look.outcome,
        first=look.first_outcome,
        first_reasons=_words(look.first_reasons, labels),
        first_by="Gold document" if look.is_gold else maker,
        decided_at=iso(look.decided_at),
        second=look.outcome,
        second_reasons=_words(look.reasons, labels),
        second_by="You" if look.is_mine else look.looked_by,
        answered_at=iso(look.answered_at),
        cause=look.cause,
        cause_words=CAUSES.get(look.cause, ""),
    )


def _words(codes: Sequence[str], labels: Mapping[str, str]) -> str:
    return ", ".join(labels.get(code, plain(code)) for code in codes)


def blind(view: DeskView, sample: Sample) -> DeskView:
    """Leave out of a desk whatever would lead to the verdict, and let the sample stand where the task stood."""
    return replace(
        view,
        task_id=public_id(Prefix.SAMPLE, sample.id),
        document_id="",
        reference="",
        due="",
        version=0,
        lease_ends=iso(sample.taken_until),
        notice="",
        is_mine=True,
        can_claim=False,
        why="",
        past=[],
        questions=[],
    )


@dataclass(frozen=True)
class SampleTab:
    """One list of looks."""

    view: str
    label: str
    href: str
    is_current: bool


def sample_tabs(current: str, *, is_lead: bool) -> list[SampleTab]:
    """Lay out the lists: disagreements are for leads."""
    open_ = VIEWS if is_lead else {"mine": VIEWS["mine"]}
    return [SampleTab(view, label, f"/review/samples?view={view}", view == current) for view, label in open_.items()]


@dataclass(frozen=True)
class SharesView:
    """How many decisions get a second look."""

    version: int = 0
    low: int = 0
    medium: int = 0
    high: int = 0
    gold: int = 0


def shares_view(row: SampleSettings) -> SharesView:
    """Show the percentages."""
    return SharesView(row.version, row.low, row.medium, row.high, row.gold)


def waiting_words(count: int) -> str:
    """Say how much waits for one person."""
    if count == 0:
        return "Nothing waits for you"
    return "1 decision waits for you" if count == 1 else f"{count:,} decisions wait for you"
