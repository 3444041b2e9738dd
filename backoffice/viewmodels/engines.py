"""Engines as staff see them: which version runs, how it does, and how far another one agrees."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.models.engine_counts import Agreement, EngineUse
from backoffice.models.engines import Rescreen, RescreenStatus
from backoffice.viewmodels.times import NOTHING, iso
from backoffice.viewmodels.words import CHECKS, FIELDS, plain

STATUS = {
    "passed": "Passed",
    "warning": "Unsure",
    "failed": "Failed",
    "error": "Could not run",
    "not_applicable": "Not applicable",
}
WAYS = ("same", "other", "new", "gone")
TONES = {"passed": "green", "warning": "amber", "failed": "red", "error": "amber", "not_applicable": "gray"}


@dataclass(frozen=True)
class EngineRow:
    """One version of one check."""

    key: str
    name: str
    model: str
    since: str
    is_current: bool
    documents: str
    passed: str
    unsure: str
    failed: str
    errors: str
    has_errors: bool
    score: str
    median: str
    p95: str


def engine_rows(uses: Sequence[EngineUse]) -> list[EngineRow]:
    """Show each version; the one that was seen last is the current one."""
    latest: dict[str, str] = {}
    for use in sorted(uses, key=lambda one: one.until):
        latest[use.name] = use.model
    return [_engine_row(use, is_current=latest[use.name] == use.model) for use in uses]


def _engine_row(use: EngineUse, *, is_current: bool) -> EngineRow:
    return EngineRow(
        key=f"{use.name}:{use.model}",
        name=CHECKS.get(use.name, plain(use.name)),
        model=use.model,
        since=iso(use.since),
        is_current=is_current,
        documents=f"{use.documents:,}",
        passed=_share(use.passed, use.documents),
        unsure=_share(use.warning, use.documents),
        failed=_share(use.failed, use.documents),
        errors=_share(use.error, use.documents),
        has_errors=use.error > 0,
        score=NOTHING if use.mean_score is None else f"{use.mean_score:.2f}",
        median=_milliseconds(use.median_ms),
        p95=_milliseconds(use.p95_ms),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.0f} %" if part else NOTHING


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms"


@dataclass(frozen=True)
class StatusMove:
    """So many documents on which two versions differ."""

    was: str
    was_tone: str
    would: str
    would_tone: str
    count: str
    example: str = ""


@dataclass(frozen=True)
class AgreementRow:
    """Two versions of one check side by side."""

    key: str
    name: str
    champion: str
    model: str
    documents: str
    same: str
    same_percent: float
    score: str
    time: str
    moves: list[StatusMove] = field(default_factory=list)
    has_moves: bool = False


def agreement_rows(rows: Sequence[Agreement]) -> list[AgreementRow]:
    """Show how far versions agree."""
    return [_agreement_row(row) for row in rows]


def _agreement_row(row: Agreement) -> AgreementRow:
    moves: list[StatusMove] = []
    for move, count in sorted(row.moves.items(), key=lambda one: -one[1]):
        was, _, would = move.partition(">")
        if was != would:
            example = row.examples.get(move, "")
            moves.append(StatusMove(STATUS[was], TONES[was], STATUS[would], TONES[would], f"{count:,}", example))
    return AgreementRow(
        key=f"{row.name}:{row.champion}:{row.model}",
        name=CHECKS.get(row.name, plain(row.name)),
        champion=row.champion,
        model=row.model if row.model != row.champion else "the same version",
        documents=f"{row.documents:,}",
        same=f"{row.same / row.documents * 100:.1f} %",
        same_percent=round(row.same / row.documents * 100, 1),
        score=NOTHING if row.score_difference is None else f"{row.score_difference:+.2f}",
        time=f"{row.champion_ms:,.0f} → {row.model_ms:,.0f} ms",
        moves=moves,
        has_moves=bool(moves),
    )


@dataclass(frozen=True)
class FieldRow:
    """How one extracted field reads today."""

    name: str
    same: str
    other: str
    new: str
    gone: str


@dataclass(frozen=True)
class RescreenView:
    """A rescreen as far as it has come."""

    id: str = ""
    status: str = ""
    done: int = 0
    total: int = 1
    failed: int = 0
    span: str = ""
    started_at: str = ""
    fields: list[FieldRow] = field(default_factory=list)
    is_running: bool = False


def rescreen_view(row: Rescreen | None) -> RescreenView:
    """Show a rescreen; without one there is nothing."""
    if row is None:
        return RescreenView()
    return RescreenView(
        id=str(row.id),
        status=row.status,
        done=row.done,
        total=max(row.total, 1),
        failed=row.failed,
        span=f"{row.since:%-d %b} to {row.until:%-d %b %Y}",
        started_at=iso(row.created_at),
        fields=[_field_row(name, counts) for name, counts in sorted(row.fields.items())],
        is_running=row.status == RescreenStatus.RUNNING,
    )


def _field_row(name: str, counts: dict[str, int]) -> FieldRow:
    shown = {way: f"{counts[way]:,}" if counts.get(way) else NOTHING for way in WAYS}
    return FieldRow(FIELDS.get(name, plain(name)), **shown)
