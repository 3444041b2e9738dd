"""Letters of the varied set: senders with addresses of their own, and numbers and dates beside those asked for."""

import random

from stdnum import iban

from backoffice.specimens.people import Person, number
from bench.accuracy import varied_layouts as layouts
from bench.accuracy.printing import Drawn
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import A4
from bench.accuracy.varied_fields import Field, title
from bench.accuracy.varied_issuers import Issuer
from bench.accuracy.varied_letter_words import WORDS
from bench.accuracy.varied_people import place

_BANK = 2
_WITH_ACCOUNTS = {"en", "es", "fr", "id", "ms"}
"""Languages whose suppliers keep an account for a customer; elsewhere an account on a bill is a bank's."""
_ENDINGS = ("bill", "statement", "invoice")
_ACCOUNTS = {
    "DEU": ("DE", "999999999999999999"), "AUT": ("AT", "9999999999999999"), "NLD": ("NL", "AAAA9999999999"),
    "CZE": ("CZ", "08009999999999999999"), "SWE": ("SE", "99999999999999999999"), "DNK": ("DK", "99999999999999"),
    "ROU": ("RO", "AAAA9999999999999999"), "TUR": ("TR", "9999909999999999999999"),
}  # fmt: skip
"""Account numbers of banks where only the check digits at the front are computed."""
_LEFT, _WIDE = 80, A4[0] - 160
_MAIL_PLACES = (80, 640)
_SMALL, _TEXT = 20, 26


def drawn(by: Issuer, who: Person) -> Drawn:
    """Draw one letter: head, addressee, fields, rows with amounts, foot."""
    page = Sheet(A4, (252, 253, 252), accent=by.accent, face=by.faces[0], strong=by.faces[1])
    dice = by.dice("letter")
    top = _head(by, page)
    is_right = by.has("addressee at the right", 0.35)
    name, lines = _addressee(by, who)
    page.lines(_MAIL_PLACES[is_right], top, lines, 28)
    placed = [Field("mail", ("",), (name,), {"full_name": who.full_name, "address": who.address})]
    listed = _fields(by, who)
    is_beside = by.has("fields beside", 0.5)
    left = _MAIL_PLACES[not is_right] if is_beside else _LEFT
    box = (left, top, left + (500 if is_beside else _WIDE), top + 560)
    below = top + 40 * len(lines) + 60
    if not is_beside:
        box = (left, below, box[2], below + 460)
    marks, known, rest = layouts.arrange(by, listed, box)
    while rest and (others := [one for one in listed if one.is_other]):
        listed.remove(others[-1])
        marks, known, rest = layouts.arrange(by, listed, box)
    layouts.write(page, marks)
    top = max(below, max(mark.top + mark.size for mark in marks) + 60)
    _rows(by, page, top, dice)
    _foot(by, page, random.Random(f"foot{by.name}"))
    truth = {key: value for one in (*placed, *known) for key, value in one.truth.items()}
    return Drawn(by.kind, by.people.code, {"page": page}, truth)


def _word(by: Issuer, name: str) -> str:
    return by.dice(f"letter {name}").choice(WORDS[by.languages[0]][name])


def _firm(by: Issuer) -> str:
    """Name the sender; the third of a language's is its bank."""
    firms = WORDS[by.languages[0]]["firms"]
    others = [firm for at, firm in enumerate(firms) if at != _BANK]
    return firms[_BANK] if _ending(by) == "statement" else by.dice("firm").choice(others)


def _ending(by: Issuer) -> str:
    last = by.name.rpartition("_")[2]
    return last if last in _ENDINGS else _ENDINGS[0]


def _head(by: Issuer, page: Sheet) -> int:
    """Write the sender with its address and what the letter is."""
    firm, (street, town) = _firm(by), place(by.people.code, by.dice("sender"))
    if by.has("bar", 0.3):
        page.bar(0, 0, A4[0], 22, by.accent)
    page.text(_LEFT, 50, firm, layouts.fitted(firm, 46, "bold", 620), face="bold", ink=by.accent)
    kinds = "|".join(WORDS[by.languages[0]]["kinds"]).split(";")
    heading = by.dice("heading").choice(kinds[_ENDINGS.index(_ending(by))].split("|"))
    at_right = by.has("heading at the right", 0.5)
    size = layouts.fitted(heading, 42, "bold", 400)
    page.text(720 if at_right else _LEFT, 54 if at_right else 170, heading, size, face="bold")
    if by.has("sender's address", 0.7):
        page.text(_LEFT, 110, f"{street}, {town}", 24, ink=by.accent)
    top = 190 if at_right else 250
    if by.has("window line", 0.35):
        page.text(_LEFT, top, f"{firm} · {street} · {town}", _SMALL, ink=by.accent)
    return top + 50


def _addressee(by: Issuer, who: Person) -> tuple[str, list[str]]:
    """Write the addressee as post is written: a title before the name or none, all in capitals or not."""
    name = f"{who.surname} {who.given_names}" if by.people.code == "HUN" else who.full_name
    titled = f"{title(by, who)} {name}".strip()
    lines = [titled if by.has("title", 0.35) else name, *who.address.split(", ", 1)]
    if title(by, who) and by.has("title above", 0.12):
        lines = [title(by, who), name, *lines[1:]]
    if by.has("label above", 0.25):
        lines.insert(0, _word(by, "attn"))
    if by.has("country below", 0.15):
        lines.append(by.people.states[0].split(" ")[-1].upper())
    return name, [line.upper() for line in lines] if by.value_case == "upper" else lines


def _fields(by: Issuer, who: Person) -> list[Field]:
    """List numbers and dates; when an account has a number of its own, the customer's is not asked for."""
    has_account = _ending(by) == "statement" or (by.languages[0] in _WITH_ACCOUNTS and by.has("account", 0.5))
    account = _account(by, who)
    truth = {"account_number": account}
    listed = [Field("date", (_word(by, "date"),), (by.day(who.issued_on),), {"issued_on": who.issued_on.isoformat()})]
    own = "acct" if has_account else "cust"
    is_iban = _ending(by) == "statement" and by.people.code in _ACCOUNTS
    listed.insert(by.dice("account").randint(0, 1), Field(
        own, ("IBAN" if is_iban else _word(by, own),), (account,), truth))  # fmt: skip
    dice = by.dice("more")
    if has_account and by.has("customer number", 0.6):
        listed.insert(dice.randint(0, 2), Field("cust", (_word(by, "cust"),), (number("99999999", dice),)))
    is_statement = _ending(by) == "statement"
    if not is_statement:
        listed.append(Field("due", (_word(by, "due"),), (by.day(who.issued_on.replace(day=28)),)))
    more = WORDS[by.languages[0]]["more"][2 if is_statement else 0 :]
    for one in dice.sample(more, dice.randint(1, min(4, len(more)))):
        listed.insert(dice.randint(0, len(listed)), _other(who, one))
    if not is_statement and by.has("service address", 0.45):
        listed.append(Field("serv", (_word(by, "serv"),), (who.address,)))
    if by.has("holder", 0.3):
        listed.insert(0, Field("attn", (_word(by, "attn"),), (who.full_name,)))
    return listed


def _other(who: Person, one: str) -> Field:
    label, _, pattern = one.partition(":")
    if pattern == "1-31":
        issued = who.issued_on
        begun = issued.replace(day=1, month=issued.month - 1 or 1)
        return Field("period", (label,), (f"{begun:%d.%m.%Y} - {begun.replace(day=28):%d.%m.%Y}",))
    return Field(label, (label,), (number(pattern, random.Random(f"{label}{who.seed}")),))


def _account(by: Issuer, who: Person) -> str:
    if _ending(by) != "statement" or by.people.code not in _ACCOUNTS:
        return who.document_number
    country, pattern = _ACCOUNTS[by.people.code]
    body = number(pattern, random.Random(f"account{who.seed}"))
    whole = f"{country}{iban.calc_check_digits(f'{country}00{body}')}{body}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _rows(by: Issuer, page: Sheet, top: int, dice: random.Random) -> None:
    """Write what is charged or was booked."""
    if by.has("greeting", 0.5):
        page.lines(_LEFT, top, WORDS[by.languages[0]]["dear"], _TEXT, 46)
        top += 130
    for words, face in _bookings(by, dice):
        page.text(_LEFT, top, words, _TEXT, face=face)
        page.text(940, top, f"{dice.randint(1, 999)},{dice.randint(0, 99):02}", _TEXT, face=face)
        top += 50


def _bookings(by: Issuer, dice: random.Random) -> list[tuple[str, str]]:
    """List what a bill charges, or what an account paid on which day."""
    words = WORDS[by.languages[0]]
    if _ending(by) != "statement":
        return [*((row, "") for row in words["rows"]), (_word(by, "total"), "bold")]
    paid = [f"{dice.randint(1, 28):02}.{dice.randint(1, 12):02}. {dice.choice(words['firms'])}" for _ in range(6)]
    return [(words["rows"][0], "bold"), *((row, "") for row in paid)]


def _foot(by: Issuer, page: Sheet, dice: random.Random) -> None:
    """Write where the sender is registered, its tax number and its own account."""
    street, town = place(by.people.code, dice)
    phone = number("+99 99 999 9999", dice)
    page.text(_LEFT, 1560, f"{_word(by, 'office')}: {street}, {town}   Tel. {phone}", _SMALL, ink=by.accent)
    if by.people.code in _ACCOUNTS:
        country, pattern = _ACCOUNTS[by.people.code]
        page.text(_LEFT, 1594, f"IBAN {country}17{number(pattern, dice)}   BIC {number('AAAA', dice)}{country}2X",
                  _SMALL, ink=by.accent)  # fmt: skip
