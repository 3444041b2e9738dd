"""What a policy says about one document: pure, so that the same words rule live, in shadow and in a back-test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backoffice.screening.policy_language import Condition, Policy, Priority, Then

UNANSWERED = frozenset({"error"})
NEVER_APPROVED = frozenset({"failed", "error"})
EVIDENCE = ("mrz", "barcode", "data_consistency", "applicant_match")
"""One of these must have passed before anything is approved: a face, or a good picture, is not enough."""
RulingOutcome = Literal["approved", "rejected", "resubmission_requested", "review"]
POLICY_CHECK = "policy"
LIMIT_REASON = "resubmission_limit_exceeded"


@dataclass(frozen=True, slots=True)
class Shown:
    """One check as a policy sees it."""

    status: str
    score: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a policy may know of a document: findings and circumstances, never what the document says."""

    checks: Mapping[str, Shown]
    type: str | None = None
    issuing_country: str | None = None
    risk_score: float = 0.0
    attempt: int = 1
    is_last_attempt: bool = False
    livemode: bool = True
    is_person_wanted: bool = False
    """The partner wants a person every time."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy decides, by which rule, and why in one sentence."""

    outcome: RulingOutcome
    rule: str
    summary: str
    reasons: tuple[str, ...] = ()
    priority: Priority = "normal"
    first: tuple[str, ...] = ()
    why: str = ""
    needs_second: bool = False
    unanswered: tuple[str, ...] = field(default=())
    """Required checks that gave no answer."""


def rule(policy: Policy, facts: Facts) -> Ruling:
    """Decide one document: the first rule that holds, unless safety forbids what it says."""
    name, then = next(
        ((one.name, one.then) for one in policy.rules if holds(one.when, facts, policy)),
        ("otherwise", policy.otherwise),
    )
    if then.outcome == "review":
        return _to_a_person(name, then, f"The rule {name} asks for a person." if name != "otherwise" else _NO_RULE)
    barred = _barred(name, then, facts, policy)
    if barred:
        return barred
    if facts.is_person_wanted:
        return Ruling("review", name, f"The rule {name} would decide, but this partner wants a person every time.")
    if then.outcome == "resubmission_requested" and facts.is_last_attempt:
        words = f"The rule {name} would ask for a new document, but this was the last attempt: rejected."
        return Ruling("rejected", name, words, reasons=(*then.reasons, LIMIT_REASON))
    return Ruling(then.outcome, name, f"The rule {name} decides: {_WORDS[then.outcome]}.", reasons=then.reasons)


def _barred(name: str, then: Then, facts: Facts, policy: Policy) -> Ruling | None:
    """Give a document to a person where safety forbids what a rule says; None where it does not."""
    unanswered = tuple(one for one in policy.required if _status(facts, one) in {None, *UNANSWERED})
    if unanswered:
        words = f"The rule {name} would decide, but {_listed(unanswered)} gave no answer."
        return Ruling("review", name, words, first=unanswered, unanswered=unanswered)
    if then.outcome != "approved":
        return None
    bad = tuple(one for one, shown in facts.checks.items() if shown.status in NEVER_APPROVED and one != POLICY_CHECK)
    if bad:
        return Ruling("review", name, f"The rule {name} would approve, but {_listed(bad)} did not pass.", first=bad)
    if not any(_status(facts, one) == "passed" for one in EVIDENCE):
        words = f"The rule {name} would approve, but nothing that the document says was confirmed."
        return Ruling("review", name, words)
    return None


_NO_RULE = "No rule decides this document, so a person does."
_WORDS = {
    "approved": "approved",
    "rejected": "rejected",
    "resubmission_requested": "a new document is asked for",
}


def _to_a_person(name: str, then: Then, summary: str) -> Ruling:
    return Ruling(
        "review",
        name,
        summary,
        priority=then.priority or "normal",
        first=then.first,
        why=then.why or "",
        needs_second=then.second_review,
    )


def holds(condition: Condition, facts: Facts, policy: Policy) -> bool:
    """Say whether a condition holds; a check that did not run holds nothing."""
    return (
        _together(condition, facts, policy)
        and _of_one_check(condition, facts)
        and _of_several(condition, facts, policy)
        and _circumstances(condition, facts)
    )


def _together(condition: Condition, facts: Facts, policy: Policy) -> bool:
    if condition.all is not None and not all(holds(one, facts, policy) for one in condition.all):
        return False
    if condition.any is not None and not any(holds(one, facts, policy) for one in condition.any):
        return False
    return condition.none is None or not any(holds(one, facts, policy) for one in condition.none)


def _of_one_check(condition: Condition, facts: Facts) -> bool:
    if condition.check is None:
        return True
    shown = facts.checks.get(condition.check)
    if shown is None:
        return False
    below, least = condition.score_below, condition.score_at_least
    return (
        _among(shown.status, condition.status)
        and (condition.reason is None or any(_among(code, condition.reason) for code in shown.reasons))
        and (below is None or (shown.score is not None and shown.score < below))
        and (least is None or (shown.score is not None and shown.score >= least))
    )


def _of_several(condition: Condition, facts: Facts, policy: Policy) -> bool:
    if condition.checks is None:
        return True
    match condition.checks:
        case "required":
            names = policy.required
        case "every":
            names = tuple(name for name in facts.checks if name != POLICY_CHECK)
        case _:
            names = condition.checks
    return bool(names) and all(
        (status := _status(facts, name)) is not None and _among(status, condition.status) for name in names
    )


def _circumstances(condition: Condition, facts: Facts) -> bool:
    below, least, attempt = condition.risk_below, condition.risk_at_least, condition.attempt_at_least
    return (
        _among(facts.type, condition.type)
        and _among(facts.issuing_country, condition.issuing_country)
        and (below is None or facts.risk_score < below)
        and (least is None or facts.risk_score >= least)
        and (attempt is None or facts.attempt >= attempt)
        and (condition.livemode is None or facts.livemode == condition.livemode)
    )


def _among(value: str | None, wanted: str | tuple[str, ...] | None) -> bool:
    return wanted is None or value == wanted or (isinstance(wanted, tuple) and value in wanted)


def _status(facts: Facts, name: str) -> str | None:
    shown = facts.checks.get(name)
    return shown.status if shown else None


def _listed(names: tuple[str, ...]) -> str:
    words = [name.replace("_", " ") for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
