"""Card numbers are found however they are written, and other numbers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.errors import Invalid
from backoffice.models.card_numbers import holds_card_number, refuse_card_number

CARDS = {
    "Visa": "4111111111111111",
    "Visa of 19": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard 2": "2223003122003222",
    "American Express": "378282246310005",
    "Diners": "30569309025904",
    "Discover": "6011111111111117",
    "JCB": "3530111333300000",
    "UnionPay": "6200000000000005",
}


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS)
@pytest.mark.parametrize("form", ["{}", "card {}.", "pays with\n{}", '{{"pan":"{}"}}', "{} and more"])
def test_a_card_is_found_among_words(number, form):
    assert holds_card_number(form.format(number))


@pytest.mark.parametrize(
    "text",
    ["{} 12/27", "{} 123", "2026-11-28 {}", "12 {}", "4111\xa01111\xa01111\xa01111", "iban 12 34 {} 99", "a:{};b"],
)
def test_what_stands_beside_a_card_does_not_hide_it(text):
    assert holds_card_number(text.format(CARDS["Visa"]))
    assert holds_card_number(text.format("4111 1111 1111 1111"))


@pytest.mark.parametrize("gap", [" ", "-"])
def test_groups_are_the_same_number(gap):
    number = CARDS["Visa"]
    assert holds_card_number(gap.join(number[place : place + 4] for place in range(0, 16, 4)))


@given(st.sampled_from(sorted(CARDS.values())), st.integers(0, 12), st.integers(1, 9))
def test_a_mistyped_digit_is_no_card(number, place, more):
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert not holds_card_number(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+49 151 23456789",
        "user-8143",
        "2026-11-28T10:00:00.000Z",
        "1764288000000",
        "doc_01m8g5hkbse39tsp7kjex4kqzf",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "DE89370400440532013000",
        "L898902C36UTO7408122F1204159ZE184226B",
        "41111111111111111111111",
        "0.4111111111111111",
        "a4111111111111111",
        "1234567890123456",
    ],
)
def test_what_is_no_card_is_left_alone(text):
    assert not holds_card_number(text)
    refuse_card_number(text, "/note")


def test_the_refusal_names_the_place_and_never_the_number():
    with pytest.raises(Invalid) as refusal:
        refuse_card_number(f"my card is {CARDS['Visa']}", "/note")
    assert (refusal.value.code, refusal.value.pointer) == ("card_number", "/note")
    assert "4111" not in str(refusal.value)
