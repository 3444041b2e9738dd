"""What narrows the queue: the menus above it, and the chips of what is chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentType
from backoffice.models.partners import Plan
from backoffice.models.review_counts import Choices
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.review_tasks import PLAN_WORDS, RISK_WORDS
from backoffice.viewmodels.words import TYPES, plain

ME = "me"
LABELS: Mapping[str, str] = {
    "region": "Region",
    "partner": "Partner",
    "type": "Document",
    "country": "Country",
    "flag": "Flag",
    "plan": "Plan",
    "risk": "Risk",
    "assignee": "Assignee",
    "q": "Search",
}
"""By the name that each has in the address."""
Options = Sequence[tuple[str, str]]
Link = Callable[[str, str], str]


@dataclass(frozen=True)
class FilterMenu:
    """One thing to narrow by, and what there is to choose."""

    name: str
    label: str
    choices: list[Choice]


def options(
    found: Choices,
    people: Sequence[tuple[UUID, str]],
    labels: Mapping[str, str],
    hidden: frozenset[UUID],
    regions: Sequence[str] = (),
) -> dict[str, Options]:
    """List what can be chosen: of each (value in the address, words); a region where there are several."""
    members = [(public_id(Prefix.MEMBER, key), name) for key, name in people]
    return {
        "region": [(region, region) for region in regions] if len(regions) > 1 else [],
        "partner": [(public_id(Prefix.PARTNER, key), name) for key, name in found.partners if key not in hidden],
        "type": [(one.value, TYPES[one]) for one in DocumentType],
        "country": [(code, code) for code in found.countries],
        "flag": [(code, labels.get(code, plain(code))) for code in found.flags],
        "plan": [(plan.value, PLAN_WORDS[plan]) for plan in reversed(Plan)],
        "risk": list(RISK_WORDS.items()),
        "assignee": [(ME, "Me"), *members],
    }


def menus(choices: Mapping[str, Options], asked: Mapping[str, str], link: Link) -> list[FilterMenu]:
    """Lay out the menus that hold anything."""
    return [
        FilterMenu(
            name,
            LABELS[name],
            [Choice(words, link(name, value), asked.get(name) == value) for value, words in found],
        )
        for name, found in choices.items()
        if found
    ]


def chips(choices: Mapping[str, Options], asked: Mapping[str, str]) -> list[FilterChip]:
    """Say what is chosen, in the order of the menus."""
    known = {name: dict(found) for name, found in choices.items()}
    return [
        FilterChip(name, label, known.get(name, {}).get(asked[name], asked[name]))
        for name, label in LABELS.items()
        if asked.get(name)
    ]
