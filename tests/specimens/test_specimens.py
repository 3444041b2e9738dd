"""Specimens are deterministic, carry valid zones and are marked for everyone to see."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from backoffice import specimens
from backoffice.demo import specimen
from backoffice.specimens import mrz
from backoffice.specimens.countries import COUNTRIES


def test_the_same_seed_is_the_same_person_and_the_same_bytes() -> None:
    one, other = specimens.person(41), specimens.person(41)
    assert one == other
    assert specimens.render("passport", one) == specimens.render("passport", other)
    assert specimens.render("passport", one) != specimens.render("passport", specimens.person(42))


@pytest.mark.parametrize("kind", specimens.KINDS)
def test_every_kind_renders_sides_that_open(kind: str) -> None:
    files = specimens.render(kind, specimens.person(5))
    expected = {"national_id", "residence_permit", "driving_licence", "american_licence"}
    assert [file.side for file in files][: 2 if kind in expected else 1] == [file.side for file in files]
    for file in files:
        image = Image.open(BytesIO(file.data))
        image.load()
        assert min(image.size) >= 800
        assert len(file.data) < 500_000


@pytest.mark.parametrize("condition", specimens.CONDITIONS)
def test_every_condition_renders_something_else(condition: str) -> None:
    holder = specimens.person(6)
    data = specimens.render("passport", holder, condition=condition)[0].data
    others = {specimens.render("passport", holder, condition=c)[0].data for c in specimens.CONDITIONS if c != condition}
    assert data not in others


def test_unknown_kinds_and_conditions_are_refused() -> None:
    with pytest.raises(ValueError, match="no specimen library_card"):
        specimens.render("library_card", specimens.person(1))
    with pytest.raises(ValueError, match="condition wet"):
        specimens.render("passport", specimens.person(1), condition="wet")


def test_shown_says_what_the_document_really_carries() -> None:
    holder = specimens.person(9)
    assert specimens.shown(holder, "photo") == holder
    assert specimens.shown(holder, "mismatched").surname != holder.surname
    assert specimens.shown(holder, "expired").expires_on < holder.expires_on


@pytest.mark.parametrize("nationality", COUNTRIES)
def test_every_issuer_writes_lines_of_the_right_length(nationality: str) -> None:
    holder = specimens.person(3, nationality=nationality)
    zone = mrz.Zone(
        "P", nationality, holder.surname, holder.given_names, holder.document_number, nationality,
        holder.date_of_birth, holder.sex, holder.expires_on, holder.personal_number,
    )  # fmt: skip
    assert [len(line) for line in mrz.td3(zone)] == [44, 44]
    assert [len(line) for line in mrz.td1(zone)] == [30, 30, 30]
    assert set("".join(mrz.td3(zone))) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")


def test_names_are_transliterated_as_icao_says() -> None:
    assert mrz.transliterate("Müller") == "MUELLER"
    assert mrz.transliterate("Łukaszewicz") == "LUKASZEWICZ"
    assert mrz.transliterate("d'Aubigny") == "DAUBIGNY"
    assert mrz.transliterate("van der Bergh-Åkerström") == "VAN<DER<BERGH<AAKERSTROEM"
    assert mrz.check_digit("L898902C3") == "6"


@pytest.mark.parametrize(("nationality", "codes"), [("USA", 1), ("FRA", 0)])
def test_an_american_licence_has_a_barcode_on_its_back(nationality, codes) -> None:
    seed = next(seed for seed in range(500) if specimen.holder(seed).nationality == nationality)
    front, back = specimen.files("driving_licence", seed, "clean")
    assert (front.side, back.side) == ("front", "back")
    assert len(zxingcpp.read_barcodes(Image.open(BytesIO(back.data)))) == codes
