"""What back-tests and shadows count, and what people read out of it; plain values that every room may hold."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from backoffice.models.base import Prefix, public_id
from backoffice.models.policies import PolicyVersion

EXAMPLES = 5
REVIEW = "review"
BETWEEN = ">"


@dataclass(frozen=True, slots=True)
class Past:
    """One document as it was ruled and decided."""

    document_id: UUID
    was: str
    """What became of it after screening: `review`, or the outcome that a policy decided."""
    human: str | None
    """What a person decided last, if one did."""
    seconds: float | None
    """How long that person looked."""


class Tally(BaseModel):
    """Plain sums, so that a slice adds to them and an outsider can count them again."""

    moves: dict[str, int] = Field(default_factory=dict[str, int])
    """`was>would`: how many documents."""
    against_people: dict[str, int] = Field(default_factory=dict[str, int])
    """`human>would`: how many of the documents that a person decided."""
    rules: dict[str, int] = Field(default_factory=dict[str, int])
    """How many documents each rule decided or routed."""
    looked_documents: int = 0
    """Documents that a person looked at and the draft would decide alone."""
    looked_seconds: float = 0.0
    unmeasured: int = 0
    """Documents that a person had to look at, without a measured time, and the draft would decide alone."""
    examples: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])
    """For each move that changes something: a few documents to look at."""

    def add(self, past: Past, would: str, rule: str) -> None:
        """Count one document that the draft rules this way."""
        move = f"{past.was}{BETWEEN}{would}"
        self.moves[move] = self.moves.get(move, 0) + 1
        self.rules[rule] = self.rules.get(rule, 0) + 1
        if past.human:
            pair = f"{past.human}{BETWEEN}{would}"
            self.against_people[pair] = self.against_people.get(pair, 0) + 1
            if would not in {REVIEW, past.human}:
                self._keep(f"person:{pair}", past.document_id)
        if past.was != would:
            self._keep(move, past.document_id)
        if past.was == REVIEW and would != REVIEW:
            self._spare(past.seconds)

    def _keep(self, where: str, document_id: UUID) -> None:
        kept = self.examples.setdefault(where, [])
        if len(kept) < EXAMPLES:
            kept.append(public_id(Prefix.DOCUMENT, document_id))

    def _spare(self, seconds: float | None) -> None:
        if seconds is None:
            self.unmeasured += 1
            return
        self.looked_documents += 1
        self.looked_seconds += seconds


@dataclass(frozen=True, slots=True)
class Summary:
    """A tally in the words of people who decide whether a draft is good."""

    documents: int
    changed: int
    automatic_before: int
    automatic_after: int
    approvals_before: int
    approvals_after: int
    newly_approved: int
    """Documents that a person or a policy did not approve at once, and the draft would."""
    no_longer_approved: int
    judged: int
    """Documents that a person decided and the draft would decide alone."""
    agreed: int
    wrongly_approved: int
    """The draft approves what a person did not."""
    saved_seconds: float
    added_seconds: float

    @property
    def agreement(self) -> float | None:
        """The share of judged documents on which draft and person agree."""
        return self.agreed / self.judged if self.judged else None

    @property
    def saved_hours(self) -> float:
        """Hours of looking that the draft saves; negative when it costs some."""
        return (self.saved_seconds - self.added_seconds) / 3600


def summary(tally: Tally, typical_seconds: float | None) -> Summary:
    """Read a tally; a look that nobody measured counts as the typical one."""
    typical = float(typical_seconds or 0)
    moves = [(*move.split(BETWEEN), count) for move, count in tally.moves.items()]
    pairs = [(*pair.split(BETWEEN), count) for pair, count in tally.against_people.items()]
    newly_to_people = sum(count for was, would, count in moves if was != REVIEW and would == REVIEW)
    return Summary(
        documents=sum(count for _, _, count in moves),
        changed=sum(count for was, would, count in moves if was != would),
        automatic_before=sum(count for was, _, count in moves if was != REVIEW),
        automatic_after=sum(count for _, would, count in moves if would != REVIEW),
        approvals_before=sum(count for was, _, count in moves if was == "approved"),
        approvals_after=sum(count for _, would, count in moves if would == "approved"),
        newly_approved=sum(count for was, would, count in moves if was != "approved" and would == "approved"),
        no_longer_approved=sum(count for was, would, count in moves if was == "approved" and would != "approved"),
        judged=sum(count for _, would, count in pairs if would != REVIEW),
        agreed=sum(count for human, would, count in pairs if would == human),
        wrongly_approved=sum(count for human, would, count in pairs if would == "approved" and human != "approved"),
        saved_seconds=tally.looked_seconds + tally.unmeasured * typical,
        added_seconds=newly_to_people * typical,
    )


@dataclass(frozen=True, slots=True)
class Day:
    """How many live documents policies and people decided on one day (UTC)."""

    day: date
    by_policy: int
    by_people: int


@dataclass(frozen=True, slots=True)
class PartnerRuling:
    """How one partner's documents are ruled."""

    partner_id: UUID
    name: str
    own: PolicyVersion | None
    wants_person: bool
    by_policy: int
    decided: int


@dataclass(frozen=True, slots=True)
class TrialPair:
    """So many documents that the policy in force ruled one way and the shadow another, or the same."""

    actual: str
    would: str
    documents: int
    human: str | None = None
    """What a person decided in the end, where one did."""
