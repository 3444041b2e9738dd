"""The measure itself: eight sets that share nothing, the same in every run, and a judge that is not kind."""

import dataclasses
from itertools import combinations
from pathlib import Path

import pytest

from bench.accuracy import cases, development, heard, held_out, known, met, report, seen, shown, spent
from bench.accuracy.heard_people import NAMES as HEARD
from bench.accuracy.held_out_people import NAMES as HELD_OUT
from bench.accuracy.met_people import NAMES as MET
from bench.accuracy.people import DEVELOPMENT, KNOWN
from bench.accuracy.scoring import Tally, is_right
from bench.accuracy.seen_people import NAMES as SEEN
from bench.accuracy.shown_people import NAMES as SHOWN
from bench.accuracy.spent_people import NAMES as SPENT

_PEOPLE = (DEVELOPMENT, KNOWN, SPENT, SEEN, SHOWN, MET, HEARD, HELD_OUT)


def test_the_held_out_set_is_large_and_shares_nothing_with_the_one_that_may_be_tuned_on() -> None:
    assert len(cases.names("held_out")) >= 300
    assert len(set(cases.names("held_out"))) == len(cases.names("held_out"))
    sets = (development, known, spent, seen, shown, met, heard, held_out)
    made = [{make for make, _, _ in split.TEMPLATES.values()} for split in sets]
    assert all(one.isdisjoint(other) for one, other in combinations(made, 2))
    surnames = [{name for _, _, all_of in split.values() for name in all_of.split("|")} for split in _PEOPLE]
    assert all(one.isdisjoint(other) for one, other in combinations(surnames, 2))


def test_a_case_is_the_same_in_every_run() -> None:
    one, again = (cases.make("known", "norwegian_invoice", "motion") for _ in range(2))
    assert one == again
    assert all(file.data for file in one.files)
    other = cases.make("known", "norwegian_invoice", "glare")
    assert (one.truth, one.files) != (other.truth, other.files)


def test_a_flaw_changes_what_it_says_and_nothing_else() -> None:
    template, _ = cases.flawed("expired")[0]
    expired = cases.make_flawed(template, "expired")
    assert expired.truth["expires_on"] < cases.TODAY.isoformat()
    mismatched = cases.make_flawed(template, "mismatched")
    assert mismatched.declared.surname
    assert mismatched.declared.surname not in mismatched.truth["surname"]
    assert mismatched.truth["expires_on"] > cases.TODAY.isoformat()


@pytest.mark.parametrize(
    ("name", "value", "truth", "right"),
    [
        ("surname", "KAERNER", "Kärner", True),
        ("surname", "KARNER", "Kärner", True),
        ("surname", "KAMER", "Kärner", False),
        ("full_name", "De Smedt Noëlla", "Noëlla De Smedt", True),
        ("full_name", "Noëlla Smedt", "Noëlla De Smedt", False),
        ("surname", "DESMEDT", "De Smedt", False),
        ("document_number", "4777940817 0", "47 77 940817 0", True),
        ("document_number", "O123", "0123", False),
        ("date_of_birth", "1990-01-02", "1990-02-01", False),
        ("sex", "f", "F", True),
    ],
)
def test_values_are_judged(name: str, value: str, truth: str, right: bool) -> None:
    assert is_right(name, value, truth) is right


def test_a_value_that_is_not_on_the_document_is_wrong_and_a_missing_one_is_missing() -> None:
    tally = Tally()
    truth = {"surname": "Saar", "sex": "F"}
    tally.add("one", truth, {"surname": "Saar", "address": "Somewhere 1", "issuing_country": "EST"}, is_classified=True)
    assert (tally.wanted, tally.returned, tally.right) == (2, 2, 1)
    assert [name for _, name, _, _ in tally.wrong] == ["address"]
    assert tally.cells[:4] == ("100.0", "50.0", "50.0", "100.0")
    tally.add_zone(("A<", "B<"), ("A<", "C<"), is_valid=True)
    assert (tally.plus(tally).zones_checked, tally.plus(tally).zones_exact) == (2, 0)


def test_the_page_keeps_what_people_wrote_around_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "screening.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    report.write("new")
    assert page.read_text() == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"


def test_declared_data_is_the_holders() -> None:
    case = cases.make("known", "estonian_card", "scan")
    declared = dataclasses.asdict(case.declared)
    assert declared["document_number"] == case.truth["document_number"]
    assert declared["issuing_country"] == "EST"
