"""What the sets that were drawn last share: how a set invents the holders of its countries, and tables of letters."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from backoffice.specimens.people import Person, number
from bench.accuracy.people import YEAR
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_people import filled

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Peoples:
    """A set's people: names and homes by country, personal numbers where a country has its own, ages and validities.

    Names are women's, men's and surnames; where surnames differ by sex, women's come before the semicolon. Homes are
    streets and towns, as `spent_people` fills them.
    """

    salt: str
    names: Mapping[str, tuple[str, str, str]]
    homes: Mapping[str, tuple[str, str]]
    personal: Mapping[str, Callable[[date, str, random.Random], str]] = field(default_factory=dict)
    plain: str = "&&&&&&&&"
    ages: tuple[int, int] = (20, 74)
    years: tuple[int, ...] = (5, 7, 10)

    def holder(self, country: str, seed: int, pattern: str) -> Person:
        """Invent one whose document carries a number of a pattern (A letter, 9 digit, X either)."""
        dice = random.Random(f"{self.salt}{country}{seed}")
        sex = dice.choice("FM")
        surname, given = self._name(country, sex, dice)
        street, town = (filled(dice.choice(part.split("|")), dice) for part in self.homes[country])
        born = date(YEAR - dice.randint(*self.ages), dice.randint(1, 12), dice.randint(1, 28))
        issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 12), dice.randint(2, 28))
        ends = issued.replace(year=issued.year + dice.choice(self.years)) - timedelta(days=dice.choice((0, 1)))
        return Person(
            given, surname, born, sex, country, number(pattern, dice), issued, ends, f"{street}, {town}",
            self._personal_number(country, born, sex, dice), self._birth_place(country, dice), country, seed,
        )  # fmt: skip

    def _birth_place(self, country: str, dice: random.Random) -> str:
        """Name one of the country's towns, which need not be the one the holder lives in."""
        return dice.choice(self.homes[country][1].split("|"))

    def parent(self, who: Person, sex: str) -> tuple[str, str]:
        """Name the holder's father, who shares the first surname, or mother, who gave the last one."""
        dice = random.Random(f"{self.salt}{sex}{who.nationality}{who.seed}")
        surname, given = self._name(who.nationality, sex, dice)
        while given == who.given_names:
            surname, given = self._name(who.nationality, sex, dice)
        own, others = who.surname.split(" "), surname.split(" ")[1:]
        return given, " ".join([own[0] if sex == "M" else own[-1], *others])

    def _personal_number(self, country: str, born: date, sex: str, dice: random.Random) -> str:
        made = self.personal.get(country)
        return made(born, sex, dice) if made else filled(self.plain, dice)

    def _name(self, country: str, sex: str, dice: random.Random) -> tuple[str, str]:
        female, male, surnames = self.names[country]
        return (
            dice.choice(surnames.split(";")[0 if sex == "F" else -1].split("|")),
            dice.choice((female if sex == "F" else male).split("|")),
        )


def table(page: Sheet, top: int, rows: Rows, columns: tuple[int, ...], *, size: int = 24, step: int = 46) -> None:
    """Write rows under one another, each cell at the left edge of its column."""
    for i, row in enumerate(rows):
        for left, words in zip(columns, row, strict=True):
            page.text(left, top + step * i, words, size)
