"""What letters print without a label: the line with the day, and the addressee under a courtesy title."""

import itertools
import re

from backoffice.screening import dates, labels, spotting, titles
from backoffice.screening.layout import Value
from backoffice.screening.reading import Readings, address, is_titled, names_another, person_name, without_title
from backoffice.screening.spotting import Spot
from backoffice.screening.unlabelled import Lone

_LINE_OF_THE_DAY = re.compile(r"^(?![a-z])[^\W\d_][^\d,:;]{1,30}, ?(?:le|den|il|dne|dana|a|em|el|on)? ?$")
"""`Vaduz, ` and `Fait à Lyon, le ` before a date."""
_OF_SENDERS = {"personal_number", "tax_number"}
_TELEPHONE = re.compile(r"\b(?:tel|tlf|fon|phone|fax|telf?on[oi]?|www)\b|@|\(\+\d", re.IGNORECASE)
_LEAST_WORD = 6
_MOST_LINES = 5
_CLEAR = 0.93


def dated(spots: list[Spot], readings: Readings) -> list[Lone]:
    """Read the day of the only line that is a place and a date, or the only heading of a bill that ends in one."""
    found = [(spot, day) for spot in spots if (day := _day_at_the_end(spot, readings))]
    lines = [one for one in found if _LINE_OF_THE_DAY.match(one[0].line.text[: one[1].start])]
    chosen = lines or [one for one in found if _is_heading(one[0].line.text[: one[1].start])]
    days = {day.value for _, day in chosen}
    if len(days) != 1:
        return []
    spot, day = chosen[0]
    return [Lone("issued_on", day.value.isoformat(), (spot.line,))]


def _day_at_the_end(spot: Spot, readings: Readings) -> dates.Day | None:
    days = dates.find(spot.line.text, order=readings.order, latest=readings.today.year)
    is_last = len(days) == 1 and not spot.line.text[days[0].end :].strip(" .") and days[0].start > 0
    is_past = is_last and days[0].value <= readings.today
    is_clear = is_past and (readings.is_sure_of_order or not days[0].is_ambiguous)
    return days[0] if is_clear and labels.match(spot.line.text) is None else None


def _is_heading(text: str) -> bool:
    """Say whether a line names what a letter is: `Votre facture d'électricité du`."""
    words = {labels.key(word) for word in text.split()}
    return any(len(word) >= _LEAST_WORD and word in words for word in titles.words()["proof_of_address"])


def without_senders(spots: list[Spot], found: list[Value]) -> list[Value]:
    """Leave out numbers of people that stand in one line with a telephone: the sender's own."""
    at = {value.line: spotting.of(spots, value.line) for value in found if value.name in _OF_SENDERS}
    return [value for value in found if not ((spot := at.get(value.line)) and _TELEPHONE.search(spot.line.text))]


def without_columns(spots: list[Spot], found: list[Value], readings: Readings) -> list[Value]:
    """Leave out the day over other days: under `Date` a table of movements begins with the first of them."""
    return [
        value for value in found
        if value.name != "issued_on" or value.side != "below"
        or not any(_is_a_day(line.text, readings) for line in spotting.below(spots, value.line, most=1))
    ]  # fmt: skip


def _is_a_day(text: str, readings: Readings) -> bool:
    days = dates.find(text, order=readings.order)
    return len(days) == 1 and text[: days[0].start].strip() == "" == text[days[0].end :].strip()


def titled(spots: list[Spot]) -> list[Lone]:
    """Find the one block that begins with a courtesy title: a name, and under it where the person lives."""
    found = [block for spot in spots if (block := _block(spots, spot))]
    return found[0] if len(found) == 1 else []


def _block(spots: list[Spot], start: Spot) -> list[Lone]:
    text = start.line.text.strip()
    name = person_name(without_title(text)) if is_titled(text) and start.line.score >= _CLEAR else None
    below = spotting.below(spots, start.line, most=_MOST_LINES)
    under = list(itertools.takewhile(lambda line: not names_another(line.text), below))
    lines = [line for line in under if address(line.text) and not dates.find(line.text)]
    is_whole = len(under) > 1 and len(lines) == len(under)
    is_home = is_whole and any(re.search(r"\d", line.text) for line in lines)
    if not name or " " not in name or not is_home:
        return []
    home = ", ".join(address(line.text) or "" for line in lines)
    return [Lone("full_name", name, (start.line,)), Lone("address", home, tuple(lines))]
