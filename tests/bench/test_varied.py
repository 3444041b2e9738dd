"""The varied set: many languages, what is true stands on the page, nothing runs into its neighbour."""

from itertools import combinations

import pytest

from bench.accuracy import cases, varied
from bench.accuracy.heard_people import NAMES as HEARD
from bench.accuracy.held_out_people import NAMES as HELD_OUT
from bench.accuracy.met_people import NAMES as MET
from bench.accuracy.varied_issuers import issuer
from bench.accuracy.varied_people import PEOPLES
from tests.bench.drawn import Box, boxes, signs, text_of

_SEED = 4
_CODED = {"sex", "nationality", "date_of_birth", "issued_on", "expires_on"}
"""Written in the issuer's own way; the others stand as they are."""


def test_there_are_enough_kinds_and_languages() -> None:
    issuers = [issuer(template) for template in varied.TEMPLATES]
    assert len(issuers) >= 60
    assert len({by.kind for by in issuers}) == 6
    assert len({language for by in issuers for language in by.languages}) >= 18


def test_no_name_is_one_of_a_set_that_was_drawn_after_it() -> None:
    ours = {word for people in PEOPLES.values() for part in people.names for word in _words(part)}
    theirs = {
        word for names in (MET, HEARD, HELD_OUT) for parts in names.values() for part in parts for word in _words(part)
    }
    assert ours & theirs == set()


def test_every_template_has_its_turn() -> None:
    assert {template for template, _ in cases.names("varied")} == set(varied.TEMPLATES)


def test_any_number_is_an_issuer() -> None:
    _, drawn = varied.draw("card_977", _SEED)
    assert drawn.kind == "national_id"
    assert drawn.truth["document_number"]


@pytest.mark.parametrize("template", varied.TEMPLATES)
def test_what_is_true_stands_on_the_page(template: str) -> None:
    _, drawn = varied.draw(template, _SEED)
    text = signs("".join(map(text_of, drawn.sides.values())))
    for name in drawn.truth.keys() - _CODED:
        words = [signs(word) for word in drawn.truth[name].split()]
        assert all(word in text for word in words), name


@pytest.mark.parametrize("template", varied.TEMPLATES)
def test_nothing_runs_into_its_neighbour_or_over_the_edge(template: str) -> None:
    for sheet in varied.draw(template, _SEED)[1].sides.values():
        placed = list(boxes(sheet))
        wide, high = sheet.size
        assert all(left >= 0 and top >= 0 and right <= wide and low <= high for left, top, right, low in placed)
        assert not any(_overlap(one, other) for one, other in combinations(placed, 2))


def test_a_document_is_the_same_in_every_run_and_another_for_another_holder() -> None:
    one, again, other = (varied.draw("card_04", seed)[1] for seed in (5, 5, 6))
    assert [sheet.pdf() for sheet in one.sides.values()] == [sheet.pdf() for sheet in again.sides.values()]
    assert one.truth == again.truth != other.truth


def _words(part: str) -> list[str]:
    return part.casefold().replace("|", " ").replace(";", " ").split()


def _overlap(one: Box, other: Box) -> bool:
    """Say whether two pieces share ground; a hair is the fonts' own."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 2 and down > 4
