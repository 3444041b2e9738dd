"""Names that are the same person's and names that are not."""

import pytest

from backoffice.screening import dates, labels, places, thresholds
from backoffice.screening.names import same_as_zone, similarity, spaced_like_zone
from backoffice.screening.sniff import sniff


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jürgen Müller", "JUERGEN MUELLER"), ("Jürgen Müller", "JURGEN MULLER"), ("Anna Eriksson", "Eriksson Anna Maria"),
     ("Łukasz Wiśniewski", "LUKASZ WISNIEWSKI"), ("Sanne van der Bergh", "SANNE VANDERBERGH"),
     ("Björn Åkerström", "BJOERN AAKERSTROEM"), ("Dr. Siobhan O'Connor", "SIOBHAN OCONNOR"),
     ("Jean-Baptiste de La Fontaine", "JEAN BAPTISTE DE LA FONTAINE"), ("J. Smith-Jones", "John Smith Jones"),
     ("Σοφία Παπαδοπούλου", "Sofia Papadopoulou")],
)  # fmt: skip
def test_the_same_name_passes(one: str, other: str) -> None:
    assert thresholds.NAME_MATCH.evaluate(similarity(one, other)) == "passed"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna Eriksson", "Peter Eriksson"), ("Hélène Garçon-Dubois", "Hélène Lefèvre"), ("Jan de Vries", "Jan Jansen"),
     ("Maria", "Maria Gonçalves da Silva"), ("Li Wei", "Li Na"), ("", "Anna")],
)  # fmt: skip
def test_another_name_does_not(one: str, other: str) -> None:
    assert thresholds.NAME_MATCH.evaluate(similarity(one, other)) != "passed"


def test_zones_and_printed_names_meet() -> None:
    assert same_as_zone("Müller", "MUELLER")
    assert same_as_zone("d'Aubigny", "DAUBIGNY")
    assert not same_as_zone("Müller", "NUELLER")
    assert spaced_like_zone("DELAPEÑA", "DE LA PENA") == "DE LA PEÑA"
    assert spaced_like_zone("GARÇON-DUBOIS", "GARCON DUBOIS") == "GARÇON-DUBOIS"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("13 12 1995", "1995-12-13"), ("12 JAN/JAN 1990", "1990-01-12"), ("2001-02-03", "2001-02-03"),
     ("12 DE ENERO DE 1990", "1990-01-12"), ("07/15/1990", "1990-07-15"), ("05 PAŹ 2020", "2020-10-05"),
     ("12 août/AUG 85", "1985-08-12"), ("14. März 2026", "2026-03-14")],
)  # fmt: skip
def test_dates_of_many_issuers(text: str, expected: str) -> None:
    assert [day.value.isoformat() for day in dates.find(text, latest=2026)] == [expected]


@pytest.mark.parametrize("text", ["99.99.2020", "31 02 2020", "12345", "1.204 kWh", "AB 12 34"])
def test_no_date_is_invented(text: str) -> None:
    assert dates.find(text) == []


def test_labels_and_headings_are_told_apart() -> None:
    assert [labels.match(text).name for text in ("Nom / Surname",
     "Vornamen", "DOB 01/01/1990") if labels.match(text)] == [
        "surname", "given_names", "date_of_birth",
    ]  # fmt: skip
    assert labels.match("CARTA DE CONDUÇÃO·DRIVING LICENCE") is None
    assert labels.match("GARÇON-DUBOIS") is None


def test_countries_by_their_many_names() -> None:
    assert [places.country(text) for text in ("Française", "D", "Polska", "GBR", "Zzz")] == [
        "FRA",
        "DEU",
        "POL",
        "GBR",
        None,
    ]
    assert places.mentioned(["RÉPUBLIQUEFRANÇAISE", "PASSEPORT"]) == "FRA"


def test_signatures_count_only_at_the_start() -> None:
    assert sniff(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "image/webp"
    assert sniff(b"GIF89a%PDF-1.7") is None
    assert sniff(b"") is None


def test_thresholds_say_what_they_do() -> None:
    limit = thresholds.IMAGE_QUALITY
    assert [limit.evaluate(score) for score in (0.9, 0.3, 0.1)] == ["passed", "warning", "failed"]
    assert "0.50" in limit.describe()
    assert not thresholds.PDF_PAGES.evaluate(11)
    assert "10" in thresholds.PDF_PAGES.describe()


def test_a_name_that_is_also_a_title_counts_when_nothing_else_is_left() -> None:
    assert similarity("Ing", "ING") == 1.0
