"""Issuers of the varied set, each made up from its name: what it issues, in which words, faces, order and places."""

import random
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bench.accuracy.sheets import Colour
from bench.accuracy.varied_people import PEOPLES, People
from bench.accuracy.varied_words import WORDS

KINDS = {
    "card": "national_id", "passport": "passport", "permit": "residence_permit", "licence": "driving_licence",
    "tax": "tax_id", "letter": "proof_of_address",
}  # fmt: skip
_OFFSETS = {"card": 0, "passport": 3, "permit": 17, "licence": 9, "tax": 22, "letter": 5}
_STEP = 7
_ENGLISH_LETTERS = {"KEN", "TZA", "PHL"}
"""Whose suppliers write in English."""
_WITHOUT_LETTERS = {"VNM", "LVA", "LTU", "ALB", "EST"}
_BARCODED = "USA"
_NUMBERED, _WITH_ENGLISH, _IN_BOTH, _YEAR_AHEAD = 0.5, 0.3, 0.6, 0.7
"""Shares: of licences with numbers for labels, of documents with English beside, of two languages, of yyyy-mm-dd."""
_NUMBERS = (
    "AA9999999", "999999999", "A99999999", "99AA99999", "A9999999", "AAA999999", "AA 999999", "999 999 999",
    "99.999.999", "AA-999999-9", "99999999", "A 999 9999",
)  # fmt: skip
"""Nine signs at most, as a zone wants them."""
_LONG_NUMBERS = (
    "9999-9999-9999", "9999 99999 9999", "A/9999/99999", "99999-9999999-9", "AA 99 99 99 A", "999-9999-9999999-9",
    "AAA-9999999", "9999999999", "ID99999999", "99-99-999999", "999.999.999-99", "A999-9999-9999",
)  # fmt: skip
_ACCOUNTS = (
    "9999999999", "999 999 9999", "99-9999999-9", "9999999", "999999-9", "9999 9999 9999", "9-999-99999", "99999999",
    "99/9999999", "A9999999", "9999.9999.99",
)  # fmt: skip
_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%d. %m. %Y")
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d.")
_YEAR_FIRST_PEOPLES = {"HUN", "LTU", "SWE", "GHA", "KEN"}
_FACES = (
    ("sans", "bold"), ("sans", "sans"), ("oblique", "bold"), ("serif", "serifbold"), ("sans", "mono"),
    ("bold", "sans"), ("serif", "serif"), ("sans", "monobold"), ("sans", "serifbold"),
)  # fmt: skip
_ACCENTS: tuple[Colour, ...] = (
    (30, 60, 130), (120, 30, 40), (20, 90, 60), (70, 60, 50), (90, 40, 110), (20, 100, 120), (40, 40, 46),
)  # fmt: skip
_LEAST_SIZES = {"passport": (22, 35), "permit": (27, 41), "letter": (24, 25)}


@dataclass(frozen=True)
class Issuer:
    """One issuer; what it does not fix itself it throws with `dice`, the same for the same purpose."""

    name: str
    family: str
    people: People
    holders: str
    languages: tuple[str, ...]
    pattern: str
    zone: str
    style: str
    columns: int
    joint: str
    label_case: str
    value_case: str
    day_form: str
    faces: tuple[str, str]
    sizes: tuple[int, int]
    accent: Colour
    paper: Colour
    names: str
    is_numbered: bool

    @property
    def kind(self) -> str:
        return KINDS[self.family]

    @property
    def is_barcoded(self) -> bool:
        return self.family == "licence" and self.people.code == _BARCODED

    def dice(self, purpose: str) -> random.Random:
        return random.Random(f"{self.name} {purpose}")

    def has(self, purpose: str, share: float) -> bool:
        """Decide once whether this issuer does something that a share of them does."""
        return self.dice(purpose).random() < share

    def word(self, name: str, *, language: int = 0) -> str:
        """Choose the issuer's wording for a field in one of its languages, or nothing."""
        wordings = WORDS[self.languages[language]].get(name, ())
        return self.dice(f"{name}{language}").choice(wordings) if wordings else ""

    def label(self, name: str) -> tuple[str, ...]:
        """Word a field's label: one line, or one for each language."""
        words = [word for at in range(len(self.languages)) if (word := self.word(name, language=at))]
        if not words or not self.word(name):
            return ()
        cased = list(dict.fromkeys(_cased(word, self.label_case) for word in words))
        return tuple(cased) if self.joint == "rows" else (self.joint.join(cased),)

    def valued(self, text: str) -> str:
        return text.upper() if self.value_case == "upper" else text

    def day(self, day: date) -> str:
        """Write a date as this issuer does."""
        if self.day_form == "short":
            return f"{day.day:02} {self._months(day)} {day.year}"
        if self.day_form == "dashed":
            return f"{day.day:02}-{self._months(day)}-{day.year}"
        if self.day_form == "long":
            return self.valued(f"{day.day} {self.word('long').split()[day.month - 1]} {day.year}")
        return day.strftime(self.day_form)

    def _months(self, day: date) -> str:
        words = [self.word("mon", language=at) for at in range(len(self.languages))]
        months = [word.split()[day.month - 1].upper() for word in words if word]
        return "/".join(dict.fromkeys(months)) if self.family == "passport" else months[0]


@lru_cache(maxsize=256)
def issuer(name: str) -> Issuer:
    """Make up the issuer of a name such as card_17 or letter_11_bill; any number has one."""
    family, number = name.split("_")[:2]
    dice = random.Random(f"issuer {name}")
    people = _people(family, int(number))
    languages = _languages(people, family, dice)
    zone = _zone(family, people, dice)
    holders = dice.choice([code for code in PEOPLES if code != people.code]) if family == "permit" else people.code
    least, most = _LEAST_SIZES.get(family, (28, 42))
    is_numbered = family == "licence" and (people.code == _BARCODED or dice.random() < _NUMBERED)
    return Issuer(
        name, family, people, holders, languages,
        dice.choice(_NUMBERS if zone else _ACCOUNTS if family == "letter" else _NUMBERS + _LONG_NUMBERS * 2), zone,
        dice.choice(("above", "above", "above", "below", "beside", "colon", "inline", "inline")),
        dice.choice((1, 2, 2, 2, 3)),
        dice.choice((" / ", " / ", "/", "rows", " - ")) if len(languages) > 1 else "/",
        dice.choice(("", "", "upper", "capital")), dice.choice(("upper", "upper", "")),
        _day_form(people, languages, dice), dice.choice(_FACES),
        (least + dice.randint(0, 3), most + dice.randint(0, 5)), dice.choice(_ACCENTS),
        (dice.randint(226, 252), dice.randint(228, 250), dice.randint(224, 250)),
        _names(people, languages, zone, dice), is_numbered,
    )  # fmt: skip


def _people(family: str, number: int) -> People:
    codes = [code for code in PEOPLES if family != "letter" or code not in _WITHOUT_LETTERS]
    if family == "licence" and number % 5 == 0:
        return PEOPLES[_BARCODED]
    return PEOPLES[codes[(number * _STEP + _OFFSETS[family]) % len(codes)]]


def _languages(people: People, family: str, dice: random.Random) -> tuple[str, ...]:
    """Choose two languages for a passport, one or two for most others, one for a letter."""
    own = people.languages
    if family == "letter" and people.code in _ENGLISH_LETTERS:
        return ("en",)
    if family == "letter" or own == ("en",):
        return own[:1]
    if len(own) == 1 and (family == "passport" or dice.random() < _WITH_ENGLISH):
        return (*own, "en")
    return own if family == "passport" or dice.random() < _IN_BOTH else own[:1]


def _zone(family: str, people: People, dice: random.Random) -> str:
    if people.code == _BARCODED and family != "passport":
        return ""
    if family == "passport":
        return "td3"
    if family == "permit":
        return dice.choice(("td1", "td1", "td1", ""))
    if family == "card":
        return dice.choice(("td1", "td1", "", "", "", "td2"))
    return ""


def _names(people: People, languages: tuple[str, ...], zone: str, dice: random.Random) -> str:
    """Choose how names are printed; only surnames of two words can be two fields."""
    forms = ["split", "split", "split", "given_first", "both"]
    if "sur1" in WORDS[languages[0]] and all(" " in one for one in people.names[2].split("|")):
        forms += ["surnames"] * 4
    if languages[0] in {"en", "tl"}:
        forms += ["middle", "middle"]
    if not zone:
        forms += ["full", "full", "last_first" if people.code in {"HUN", "VNM"} else "comma", "comma", "titled"]
    return dice.choice(forms)


def _day_form(people: People, languages: tuple[str, ...], dice: random.Random) -> str:
    if people.code == _BARCODED:
        return "%m/%d/%Y"
    if people.code in _YEAR_FIRST_PEOPLES and dice.random() < _YEAR_AHEAD:
        return _YEAR_FIRST[2] if people.code == "HUN" else dice.choice(_YEAR_FIRST[:2])
    forms = list(_DATES) + ["short", "dashed"] * ("mon" in WORDS[languages[0]])
    return dice.choice([*forms, "long"] if "long" in WORDS[languages[0]] else forms)


def _cased(words: str, case: str) -> str:
    if case == "upper":
        return words.upper()
    if case == "capital":
        return " ".join(word[:1].upper() + word[1:] for word in words.split(" "))
    return words
