"""Rules of a policy in the words of those who judge them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backoffice.models.policy_counts import Tally
from backoffice.screening.policy_language import Condition, Policy, Then
from backoffice.viewmodels.words import CHECKS, TYPES, plain

OUTCOMES = {
    "approved": "Approved",
    "rejected": "Rejected",
    "resubmission_requested": "Asked again",
    "review": "To a person",
}
SHOWN = {
    "passed": "passed",
    "warning": "is unsure",
    "failed": "failed",
    "error": "could not run",
    "not_applicable": "does not apply",
}
TONES = {"approved": "green", "rejected": "red", "resubmission_requested": "amber", "review": "blue"}


@dataclass(frozen=True)
class RuleView:
    """One rule as a person reads it."""

    place: int
    name: str
    about: str
    when: str
    outcome: str
    tone: str
    detail: str
    count: str = ""
    """How many documents of the back-test it decided."""


def rule_views(policy: Policy, tally: Tally | None = None) -> list[RuleView]:
    """Say each rule in words, the last line being what no rule decides."""
    rows = [
        _rule(place, rule.name, rule.about, f"When {words(rule.when)}.", rule.then, tally)
        for place, rule in enumerate(policy.rules, 1)
    ]
    about = "What no rule decides."
    return [*rows, _rule(len(rows) + 1, "otherwise", about, "Everything else.", policy.otherwise, tally)]


def _rule(place: int, name: str, about: str, when: str, then: Then, tally: Tally | None) -> RuleView:  # noqa: PLR0913, PLR0917
    return RuleView(
        place=place,
        name=name.replace("-", " ").replace("_", " ").capitalize(),
        about=about,
        when=when,
        outcome=OUTCOMES[then.outcome],
        tone=TONES[then.outcome],
        detail=_detail(then),
        count=_documents(tally.rules.get(name, 0)) if tally else "",
    )


def _documents(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"


def _detail(then: Then) -> str:
    parts = [", ".join(plain(code) for code in then.reasons)] if then.reasons else []
    if then.priority and then.priority != "normal":
        parts.append(f"{then.priority} priority")
    if then.first:
        parts.append(f"{_checks(then.first)} first")
    if then.second_review:
        parts.append("two people sign")
    return ", ".join(parts)


def words(condition: Condition) -> str:
    """Say a condition in one line; brackets where it holds several."""
    parts = [
        *_groups(condition),
        *_of_a_check(condition),
        *_circumstances(condition),
    ]
    return " and ".join(parts)


def _groups(condition: Condition) -> Iterable[str]:
    if condition.all is not None:
        yield " and ".join(_bracketed(one) for one in condition.all)
    if condition.any is not None:
        yield " or ".join(_bracketed(one) for one in condition.any)
    if condition.none is not None:
        yield "not (" + " or ".join(words(one) for one in condition.none) + ")"


def _bracketed(condition: Condition) -> str:
    is_group = condition.any is not None and len(condition.any) > 1
    return f"({words(condition)})" if is_group else words(condition)


def _of_a_check(condition: Condition) -> Iterable[str]:
    who = CHECKS.get(condition.check or "", plain(condition.check or ""))
    if condition.checks == "required":
        who = "every required check"
    elif condition.checks == "every":
        who = "every check"
    elif condition.checks:
        who = _checks(condition.checks)
    if condition.status is not None:
        several = (condition.status,) if isinstance(condition.status, str) else condition.status
        with_ = f" with {_either(condition.reason)}" if condition.reason is not None else ""
        yield f"{who} {' or '.join(SHOWN[one] for one in several)}{with_}"
    elif condition.reason is not None:
        yield f"{who} says {_either(condition.reason)}"
    if condition.score_below is not None:
        yield f"{who} scores below {condition.score_below:g}"
    if condition.score_at_least is not None:
        yield f"{who} scores {condition.score_at_least:g} or more"


def _circumstances(condition: Condition) -> Iterable[str]:
    if condition.type is not None:
        kinds = (condition.type,) if isinstance(condition.type, str) else condition.type
        yield "it is a " + " or ".join(TYPES.get(kind, plain(kind)).lower() for kind in kinds)
    if condition.issuing_country is not None:
        yield f"it comes from {_either(condition.issuing_country)}"
    if condition.risk_below is not None:
        yield f"the risk is below {condition.risk_below:g}"
    if condition.risk_at_least is not None:
        yield f"the risk is {condition.risk_at_least:g} or more"
    if condition.attempt_at_least is not None:
        yield f"it is attempt {condition.attempt_at_least} or later"
    if condition.livemode is not None:
        yield "it is live" if condition.livemode else "it is a test"


def _either(values: str | Sequence[str]) -> str:
    several = (values,) if isinstance(values, str) else values
    return " or ".join(one.replace("_", " ") for one in several)


def _checks(names: Sequence[str]) -> str:
    return ", ".join(CHECKS.get(name, plain(name)) for name in names)
