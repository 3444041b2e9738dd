"""What a document of the varied set says about its holder, and beside it what is not asked for but looks like it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from backoffice.specimens.people import Person, number
from bench.accuracy.varied_issuers import Issuer
from bench.accuracy.varied_people import PEOPLES, place, relative
from bench.accuracy.varied_words import WORDS

_NUMBERS = {"national_id": "card", "passport": "pas", "residence_permit": "card", "driving_licence": "lic"}
_EU = {
    "sur": "1.", "giv": "2.", "full": "1./2.", "both": "1./2.", "born": "3.", "iss": "4a.", "exp": "4b.", "auth": "4c.",
    "no": "5.", "addr": "8.", "firstonly": "2.", "mid": "2.", "sur1": "1.", "sur2": "1.",
}  # fmt: skip
_AMERICAN = {
    "no": "4d DLN", "sur": "1", "giv": "2", "addr": "8", "born": "3 DOB", "iss": "4a ISS", "exp": "4b EXP",
    "sex": "15 SEX", "hgt": "16 HGT", "eye": "18 EYES",
}  # fmt: skip
_GIVEN_ONLY = {"pl", "ro", "tr", "hr"}
"""Languages whose documents name parents by their given names."""
_OTHERS = (
    "pob", "pob", "auth", "auth", "poi", "hgt", "eye", "blood", "civil", "job", "rel", "moth", "spou", "maid", "tel",
    "mail", "tax", "rem", "emer", "vote", "ser",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One label with what stands by it; `truth` is what a reader should return for it."""

    name: str
    label: tuple[str, ...]
    values: tuple[str, ...]
    truth: dict[str, str] = field(default_factory=dict)

    @property
    def is_other(self) -> bool:
        return not self.truth


def fields(by: Issuer, who: Person) -> list[Field]:
    """List what the issuer prints, in its order; what resembles the asked for stands between."""
    listed = [*_named(by, who), *_dated(by, who)]
    if not by.is_numbered and by.has("number first", 0.4):
        listed.insert(0, listed.pop())
    for other in _others(by, who):
        listed.insert(by.dice(f"at {other.name}").randint(1, len(listed)), other)
    return listed


def american(by: Issuer, who: Person) -> list[Field]:
    """List what a state's licence prints with AAMVA's marks, or with words when it has none for a field."""
    kept = {one.name: one for one in fields(by, who)}
    return [_marked(one, (_AMERICAN.get(name, one.label[0]),)) for name, one in kept.items()]


def numbered(by: Issuer, who: Person) -> list[Field]:
    """List what a licence after the Union's model prints, under its numbers, with or without words."""
    listed: list[Field] = []
    with_words = by.has("words", 0.45)
    for one in fields(by, who):
        if (mark := _EU.get(one.name)) is None:
            continue
        listed.append(_marked(one, (f"{mark} {one.label[0]}" if with_words else mark,)))
    order = ["1.", "1./2.", "2.", "3.", "4a.", "4b.", "4c.", "5.", "8."]
    listed.sort(key=lambda one: order.index(one.label[0].split(" ")[0]))
    return [*listed, Field("cat", ("9.",), (by.dice("cat").choice(("AM B B1", "B  BE", "A1  B  C1")),))]


def _marked(one: Field, label: tuple[str, ...]) -> Field:
    return Field(one.name, label, one.values, one.truth)


def _named(by: Issuer, who: Person) -> list[Field]:
    surname, given = by.valued(who.surname), by.valued(who.given_names)
    if by.value_case != "upper" and by.has("surname in capitals", 0.4):
        surname = surname.upper()
    whole = {"surname": who.surname, "given_names": who.given_names, "full_name": who.full_name}
    if by.is_barcoded or by.names in {"split", "given_first"}:
        pair = [_field(by, "sur", surname, truth=whole), _field(by, "giv", given, truth=whole)]
        return pair[::-1] if by.names == "given_first" and not by.is_numbered else pair
    if by.names == "both":
        return [Field("both", by.label("both"), (surname, given), whole)]
    if by.names == "comma":
        return [_field(by, "full", f"{surname}, {given}", truth=whole)]
    if by.names in {"surnames", "middle"}:
        return _in_parts(by, surname, given, whole)
    plain = {"full_name": who.full_name}
    if by.names == "last_first":
        return [_field(by, "full", f"{surname} {given}", truth=plain)]
    courtesy = title(by, who) if by.names == "titled" else ""
    return [_field(by, "full", f"{courtesy} {given} {surname}".strip(), truth=plain)]


def _in_parts(by: Issuer, surname: str, given: str, truth: dict[str, str]) -> list[Field]:
    """Give each surname, or the first and the middle name, a field of its own."""
    if by.names == "surnames":
        first, _, second = surname.partition(" ")
        parts = [("sur1", first), ("sur2", second), ("giv", given)]
    else:
        first, _, middle = given.rpartition(" ") if by.people.code == "PHL" else given.partition(" ")
        parts = [("sur", surname), ("firstonly" if middle else "giv", first or given), ("mid", middle)]
    labelled = {"firstonly": ("First name",), "mid": ("Middle name",)}
    return [
        Field(name, by.label(name) or labelled[name], (value,), truth) for name, value in parts if value
    ]  # fmt: skip


def title(by: Issuer, who: Person) -> str:
    """Address the holder politely."""
    titles = {
        "es": ("Sr.", "Sra."), "pt": ("Sr.", "Sra."), "fr": ("M.", "Mme"), "de": ("Herr", "Frau"),
        "it": ("Sig.", "Sig.ra"), "nl": ("Dhr.", "Mevr."), "id": ("Bpk.", "Ibu"), "ms": ("Encik", "Puan"),
        "pl": ("Pan", "Pani"), "cs": ("Pan", "Paní"), "sw": ("Bw.", "Bi."), "tl": ("G.", "Gng."),
        "tr": ("Sayin", "Sayin"), "ro": ("Dl.", "D-na"), "hr": ("Gosp.", "Gda."),
        "vi": ("Ong", "Ba"), "en": ("Mr.", "Ms."),
        "sv": ("Herr", "Fru"), "da": ("Hr.", "Fru"), "no": ("Herr", "Fru"), "fi": ("Herra", "Rouva"),
    }  # fmt: skip
    return by.valued(titles.get(by.languages[0], ("", ""))[who.sex == "F"])


def _dated(by: Issuer, who: Person) -> list[Field]:
    """List the rest of what is asked for; the number comes last, so that `fields` may put it first."""
    listed = [_field(by, "born", by.day(who.date_of_birth), truth={"date_of_birth": who.date_of_birth.isoformat()})]
    if by.family != "tax" and (by.zone or by.is_barcoded or by.has("sex", 0.7)):
        listed.append(_field(by, "sex", _sex(by, who), truth={"sex": who.sex}))
    if by.kind in {"passport", "residence_permit"} or (by.family == "card" and (by.zone or by.has("nat", 0.6))):
        listed.append(_field(by, "nat", _nationality(by, who), truth={"nationality": who.nationality}))
    if by.family != "passport" and (by.is_barcoded or by.has("address", 0.55)):
        lines = tuple(by.valued(part) for part in who.address.split(", ", 1))
        shown = lines if by.has("address in lines", 0.6) else (", ".join(lines),)
        listed.append(Field("addr", by.label("addr"), shown, {"address": who.address}))
    if by.kind in {"national_id", "passport"} and by.has("personal", 0.4):
        listed.append(_field(by, "pers", who.personal_number, truth={"personal_number": who.personal_number}))
    if by.family in {"card", "tax"} and by.label("fath") and by.has("father", 0.35):
        name = _parent(by, who, "M", "father")
        listed.append(_field(by, "fath", by.valued(name), truth={"father_name": name}))
    issued, ends = {"issued_on": who.issued_on.isoformat()}, {"expires_on": who.expires_on.isoformat()}
    listed.append(_field(by, "iss", by.day(who.issued_on), truth=issued))
    if by.family != "tax":
        listed.append(_field(by, "exp", by.day(who.expires_on), truth=ends))
    return [*listed, _number(by, who)]


def _number(by: Issuer, who: Person) -> Field:
    """Label the document's own number; beside a personal number it is never called one."""
    truth = {"document_number": who.document_number}
    if by.family == "tax":
        words = by.word("tax") or "TIN"
        return Field("no", (words,), (who.document_number,), truth)
    label = by.label(_NUMBERS[by.kind])
    has_personal = by.kind == "national_id" and by.has("personal", 0.4)
    if has_personal and any("NIK" in words or words.upper().startswith(("ID", "NATIONAL ID")) for words in label):
        label = ("No. Kartu",) if by.languages[0] == "id" else ("Card No.",)
    return Field("no", label, (who.document_number,), truth)


def _sex(by: Issuer, who: Person) -> str:
    at = who.sex == "F"
    own = by.dice("mf").choice(WORDS[by.languages[0]]["mf"]).split(" ")[at]
    if own.upper() in {"M", "F"} and own.upper() != who.sex:
        return f"{own}/{who.sex}"
    if len(by.languages) > 1 and by.has("both sexes", 0.4):
        return f"{by.valued(own)}/{who.sex}"
    return by.valued(own) if by.has("own sexes", 0.6) else who.sex


def _nationality(by: Issuer, who: Person) -> str:
    own, english = PEOPLES[who.nationality].adjectives
    if by.family == "permit":
        return by.dice("nat as").choice((who.nationality, by.valued(english if "en" in by.languages else own)))
    shown = by.dice("nat as").choice((who.nationality, own, f"{own}/{english}", f"{own} / {who.nationality}"))
    if len(by.languages) == 1 and "/" in shown and own == english:
        shown = own
    return by.valued(shown)


def _others(by: Issuer, who: Person) -> list[Field]:
    """Choose two to eight fields that nobody asks for."""
    dice = by.dice("others")
    chosen = dict.fromkeys(dice.sample(_OTHERS, len(_OTHERS))[: dice.randint(3, 9)])
    listed: list[Field] = []
    for name in chosen:
        if (name == "rem" and by.is_numbered) or (name == "tax" and by.family == "tax"):
            continue
        value = _WRITE[name](by, who, random.Random(f"{by.name}{name}{who.seed}"))
        if value and (label := by.label(name)):
            listed.append(Field(name, label, (value if name == "mail" else by.valued(value),)))
    if by.family == "permit" and (label := by.label("permtype")):
        listed.append(Field("permtype", label, (by.valued(by.word("permval")),)))
    if by.is_numbered and not any(one.name == "auth" for one in listed):
        listed.append(Field("auth", by.label("auth"), (_authority(by, who, random.Random(who.seed)),)))
    return listed


def _field(by: Issuer, name: str, value: str, *, truth: dict[str, str]) -> Field:
    return Field(name, by.label(name), (value,), truth)


def _parent(by: Issuer, who: Person, sex: str, kin: str) -> str:
    name = relative(who, sex, kin)
    return name.split(" ")[0] if by.languages[0] in _GIVEN_ONLY else name


def _authority(by: Issuer, _who: Person, dice: random.Random) -> str:
    street, town = place(by.people.code, dice)
    office = by.word("min") or "OFFICE"
    if by.family != "passport" and by.has("office with street", 0.35):
        return f"{office}, {street}, {town}"
    return by.dice("office").choice((office, f"{office} {town}", town))


def _town(by: Issuer, _who: Person, dice: random.Random) -> str:
    return place(by.people.code, dice)[1]


def _birthplace(by: Issuer, who: Person, _dice: random.Random) -> str:
    return by.dice("birthplace").choice(
        (who.place_of_birth, who.place_of_birth, f"{who.place_of_birth}, {who.nationality}")
    )


def _picked(name: str, *default: str) -> Callable[[Issuer, Person, random.Random], str]:
    """Throw one of the language's own values."""
    return lambda by, _who, dice: dice.choice(WORDS[by.languages[0]].get(name) or default)


def _filled(*patterns: str) -> Callable[[Issuer, Person, random.Random], str]:
    return lambda by, _who, dice: number(by.dice("pattern").choice(patterns), dice)


def _kin(sex: str, kin: str) -> Callable[[Issuer, Person, random.Random], str]:
    return lambda by, who, _dice: _parent(by, who, sex, kin)


def _height(by: Issuer, _who: Person, dice: random.Random) -> str:
    tall = dice.randint(152, 196)
    return by.dice("height").choice(
        (f"{tall} cm", f"{tall / 100:.2f} m", f"{tall / 100:.2f}".replace(".", ","), f"{tall}")
    )


_WRITE: dict[str, Callable[[Issuer, Person, random.Random], str]] = {
    "pob": _birthplace,
    "poi": _town,
    "auth": _authority,
    "hgt": _height,
    "eye": lambda _by, _who, dice: dice.choice(("BRO", "BLU", "GRN", "HAZ")),
    "blood": lambda _by, _who, dice: dice.choice(("O+", "A+", "B+", "AB-", "O-")),
    "civil": _picked("single", ""),
    "job": _picked("jobs", ""),
    "rel": _picked("rels", ""),
    "moth": _kin("F", "mother"),
    "spou": lambda _by, who, _dice: relative(who, "F" if who.sex == "M" else "M", "spouse"),
    "maid": lambda _by, who, _dice: relative(who, "F", "maiden").rsplit(" ", 1)[1],
    "tel": _filled("+99 999 999 999", "0999 999 999", "(099) 999-9999"),
    "mail": lambda _by, who, dice: f"{who.place_of_birth.split(' ')[0].lower()}{dice.randint(10, 99)}@mail.example",
    "tax": _filled("9999999999", "999-999-999", "99999999-9"),
    "rem": _picked("none", "-"),
    "emer": lambda _by, who, dice: f"{relative(who, 'F', 'friend')} {number('0999 999 999', dice)}",
    "vote": _filled("0999", "99 / 9999", "A-99"),
    "ser": _filled("A9999999999", "99999999", "AA 9999999"),
}
