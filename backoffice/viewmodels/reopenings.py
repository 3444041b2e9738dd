"""What screens show of a decision that is looked at again, and of questions to the partner."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.questions import Question
from backoffice.models.reopenings import Reopening, ReopeningKind
from backoffice.models.review_tasks import Decision
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain, reason_words

TITLES = {
    ReopeningKind.APPEAL: N_("Appeal"),
    ReopeningKind.CORRECTION: N_("Opened again to correct a decision"),
    ReopeningKind.QUALITY: N_("Opened again after a quality check"),
    ReopeningKind.FRAUD: N_("Opened again: fraud found later"),
}


@dataclass(frozen=True)
class PastView:
    """One time that the document was opened again."""

    id: str
    title: str
    why: str
    at: str
    decision: str
    """What was decided and is questioned."""
    result: str
    """upheld, overturned or withdrawn; empty while it is open."""


@dataclass(frozen=True)
class QuestionView:
    """One question to the partner."""

    id: str
    text: str
    answer: str
    state: str
    """open, answered or closed."""
    asked_at: str
    expires_at: str


def past_view(row: Reopening, decision: Decision, why: str, by: str, labels: Mapping[str, str]) -> PastView:
    """Show why a document was opened again, and what was decided before."""
    reasons = ", ".join(reason_words(code, labels) for code in decision.reasons)
    words = plain(decision.outcome)
    return PastView(
        id=str(row.id),
        title=gettext("{title}, by {name}", title=gettext(TITLES[ReopeningKind(row.kind)]), name=by),
        why=why or gettext("The words were erased with the applicant."),
        at=iso(row.created_at),
        decision=gettext("{decision}: {reasons}", decision=words, reasons=reasons) if reasons else words,
        result=row.result or "",
    )


def question_view(row: Question, text: str, answer: str) -> QuestionView:
    """Show one question and its answer."""
    state = "open" if row.closed_at is None else "answered" if row.answer_box is not None else "closed"
    return QuestionView(
        public_id(Prefix.QUESTION, row.id), text, answer, state, iso(row.created_at), iso(row.expires_at)
    )
