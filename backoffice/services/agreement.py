"""How far two people agree: Cohen's kappa and shares, each with its 95 % interval; pure arithmetic."""

from collections.abc import Iterable, Mapping
from math import sqrt

from backoffice.models.quality_counts import Interval

Z = 1.959963984540054
"""The normal quantile of 97.5 %."""


def kappa(pairs: Mapping[tuple[str, str], int]) -> Interval | None:
    """Cohen's kappa of (first, second) verdicts, with the interval of its large-sample standard error.

    Cohen, "A coefficient of agreement for nominal scales", 1960; Fleiss, Cohen & Everitt, "Large sample standard
    errors of kappa and weighted kappa", 1969, eq. 13. None where chance alone explains everything: all verdicts alike.
    """
    total = sum(pairs.values())
    if total == 0:
        return None
    share = {pair: count / total for pair, count in pairs.items()}
    names = {name for pair in pairs for name in pair}
    first = {name: sum(p for (one, _), p in share.items() if one == name) for name in names}
    second = {name: sum(p for (_, other), p in share.items() if other == name) for name in names}
    observed = sum(share.get((name, name), 0.0) for name in names)
    chance = sum(first[name] * second[name] for name in names)
    if 1 - chance < 1e-12:  # noqa: PLR2004 nothing but rounding
        return None
    value = (observed - chance) / (1 - chance)
    same = sum(
        share.get((name, name), 0.0) * ((1 - chance) - (first[name] + second[name]) * (1 - observed)) ** 2
        for name in names
    )
    other = (1 - observed) ** 2 * sum(
        p * (second[one] + first[two]) ** 2 for (one, two), p in share.items() if one != two
    )
    spread = max(0.0, same + other - (observed * chance - 2 * chance + observed) ** 2)
    error = sqrt(spread / total) / (1 - chance) ** 2
    return Interval(value, max(-1.0, value - Z * error), min(1.0, value + Z * error))


def share(part: int, whole: int) -> Interval | None:
    """Write a share with its score interval, which stays within 0 and 1 (Wilson 1927); None of nothing."""
    if whole == 0:
        return None
    value, square = part / whole, Z * Z
    middle = (value + square / (2 * whole)) / (1 + square / whole)
    reach = Z * sqrt(value * (1 - value) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return Interval(value, max(0.0, middle - reach), min(1.0, middle + reach))


def agreed(pairs: Mapping[tuple[str, str], int]) -> int:
    """Count the pairs that say the same."""
    return sum(count for (first, second), count in pairs.items() if first == second)


def merged(many: Iterable[Mapping[tuple[str, str], int]]) -> dict[tuple[str, str], int]:
    """Add tables of pairs up."""
    total: dict[tuple[str, str], int] = {}
    for pairs in many:
        for pair, count in pairs.items():
            total[pair] = total.get(pair, 0) + count
    return total
