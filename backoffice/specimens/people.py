"""Invented people of twelve countries with diacritics, particles and double names; the same for the same seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice import clock
from backoffice.specimens.countries import COUNTRIES

_LETTERS, _DIGITS, _EITHER = "ABCDEFGHJKLMNPRTVWXY", "0123456789", "CFGHJKLMNPRTVWXYZ0123456789"
_HOSTS = ("DEU", "FRA", "NLD", "ESP", "SWE", "ITA")

_NAMES: dict[str, tuple[str, str, str]] = {
    "FRA": ("Élodie|Camille|Hélène|Anaïs Marie|Noémie", "Jérôme|Benoît|Loïc|Jean-Baptiste|François",
            "Lefèvre|de La Fontaine|Bréchet|Garçon-Dubois|d'Aubigny|Moreau"),
    "DEU": ("Jörna|Käthe|Annika|Ursula Marie|Sophie", "Jürgen|Björn|Lukas|Karl Heinz|Matthias",
            "Müller|von Ahlenstedt|Groß|Schönfeld|Weiß-Krämer|Köhler"),
    "ESP": ("Begoña|Inés|María José|Lucía|Ainhoa", "Íñigo|José Luis|Andrés|Martín|Joaquín",
            "Núñez Ibarra|de la Peña Soler|Muñoz Cañizares|Gutiérrez Vidal|Ordóñez Rey"),
    "ITA": ("Giulia|Niccoletta|Chiara Maria|Alessia|Zoë", "Nicolò|Matteo|Gianluca|Raffaele|Andrea",
            "D'Amico|De Santis|Bellò|Fiorentini|Lo Presti|Cattanèo"),
    "NLD": ("Sanne|Femke|Maartje|Noor|Liesbeth", "Joost|Daniël|Willem Jan|Sjoerd|Bram",
            "van der Bergh|de Vries|ten Hoeve|van 't Hoff|Jansen|Bakker-Smit"),
    "POL": ("Małgorzata|Zofia|Agnieszka|Łucja|Bożena", "Łukasz|Michał|Grzegorz|Paweł|Wojciech",
            "Wiśniewski|Łukaszewicz|Dąbrowski|Żółtowski|Kaczyńska-Nowak|Zając"),
    "PRT": ("Inês|Conceição|Beatriz|Mariana|Leonor", "João|Tomás|Gonçalo|Simão|Rui Miguel",
            "Gonçalves da Silva|Simões|dos Santos Leitão|Conceição Melo|Araújo"),
    "SWE": ("Åsa|Linnéa|Märta|Ebba|Ingrid Sofia", "Björn|Göran|Håkan|Nils Erik|Sören",
            "Åkerström|Sjöberg|Lindqvist|af Ekenstam|Östlund|Hägg"),
    "GBR": ("Imogen|Siobhan|Charlotte Rose|Maeve|Harriet", "Callum|Rhys|Alistair James|Owen|Tobias",
            "O'Connor|Fitzwilliam-Hart|Ashworth|MacAllister|Pemberton|Singh"),
    "USA": ("Madison|Aaliyah|Grace Ann|Xiomara|Harper", "Tyler|DeShawn|Miles Anthony|Ethan|Rafael",
            "Whitaker|St. Clair|O'Donnell|Nguyen|Castañeda|Brooks"),
    "BRA": ("Ângela|Thaís|Luíza Helena|Jéssica|Débora", "Antônio|César|Luís Otávio|Vinícius|Caio",
            "de Araújo Brandão|Magalhães|Conceição dos Reis|Falcão|Assunção"),
    "IND": ("Priyanka|Ananya|Lakshmi Devi|Meera|Kavya", "Arjun|Rohan|Venkata Raman|Aditya|Suresh Kumar",
            "Iyer|Chatterjee|Krishnamurthy|Patel|Bhattacharya|Menon"),
}  # fmt: skip

_PLACES: dict[str, tuple[str, str, str]] = {
    "FRA": ("Rue des Tilleuls|Avenue Pasteur|Quai des Brumes", "Rennes|Nîmes|Besançon", "99999"),
    "DEU": ("Lindenstraße|Am Mühlbach|Goethestraße", "Münster|Görlitz|Kassel", "99999"),
    "ESP": ("Calle del Olmo|Avenida de la Paz|Calle Mayor", "Logroño|Cádiz|Lugo", "99999"),
    "ITA": ("Via dei Tigli|Corso Garibaldi|Via Manzoni", "Forlì|Lucca|Trento", "99999"),
    "NLD": ("Lindelaan|Prinsengracht|Dorpsstraat", "Zwolle|Delft|Breda", "9999 AA"),
    "POL": ("ulica Lipowa|ulica Długa|aleja Róż", "Łódź|Rzeszów|Gdynia", "99-999"),
    "PRT": ("Rua das Flores|Avenida Central|Rua do Souto", "Évora|Guimarães|Faro", "9999-999"),
    "SWE": ("Lindgatan|Storgatan|Björkvägen", "Västerås|Örebro|Lund", "999 99"),
    "GBR": ("Linden Road|Mill Lane|Queen Street", "York|Bath|Dundee", "AA9 9AA"),
    "USA": ("Linden Ave|Maple Street|Harbor Blvd", "Portland, OR|Madison, WI|Tucson, AZ", "99999"),
    "BRA": ("Rua das Acácias|Avenida Brasil|Rua São Bento", "Goiânia|Maceió|Niterói", "99999-999"),
    "IND": ("Linking Road|MG Road|Temple Street", "Pune|Mysuru|Kochi", "999999"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One invented holder with the data of one document."""

    given_names: str
    surname: str
    date_of_birth: date
    sex: str
    nationality: str
    document_number: str
    issued_on: date
    expires_on: date
    address: str
    personal_number: str
    place_of_birth: str
    residence: str
    seed: int

    @property
    def full_name(self) -> str:
        """Join the names in the order in which people say them."""
        return f"{self.given_names} {self.surname}"


def person(seed: int, *, nationality: str | None = None, year: int | None = None) -> Person:
    """Invent one holder; `year` anchors the dates and is by default this year, so that documents stay valid."""
    dice = random.Random(seed)
    country = COUNTRIES[nationality or dice.choice(list(COUNTRIES))]
    female, male, surnames = _NAMES[country.code]
    sex = dice.choice("FM")
    issued = date((year or clock.now().year) - dice.randint(1, 6), dice.randint(1, 12), dice.randint(1, 28))
    born = date((year or clock.now().year) - dice.randint(20, 74), dice.randint(1, 12), dice.randint(1, 28))
    return Person(
        given_names=dice.choice((female if sex == "F" else male).split("|")),
        surname=dice.choice(surnames.split("|")),
        date_of_birth=born,
        sex=sex,
        nationality=country.code,
        document_number=number(country.passport_number, dice),
        issued_on=issued,
        expires_on=issued.replace(year=issued.year + 10) - timedelta(days=1),
        address=address(country.code, dice),
        personal_number=number(country.personal_number, dice),
        place_of_birth=dice.choice(_PLACES[country.code][1].split("|")),
        residence=dice.choice([host for host in _HOSTS if host != country.code]),
        seed=seed,
    )


def number(pattern: str, dice: random.Random) -> str:
    """Fill a number pattern: A letter, 9 digit, X either; anything else stays."""
    pools = {"A": _LETTERS, "9": _DIGITS, "X": _EITHER}
    return "".join(dice.choice(pools[sign]) if sign in pools else sign for sign in pattern)


def address(country: str, dice: random.Random) -> str:
    """Invent an address on one line, house number and postal code in the country's order."""
    streets, cities, code = _PLACES[country]
    street, city, house = dice.choice(streets.split("|")), dice.choice(cities.split("|")), dice.randint(1, 180)
    if country in {"GBR", "USA", "IND"}:
        return f"{house} {street}, {city} {number(code, dice)}"
    if country == "FRA":
        return f"{house} {street}, {number(code, dice)} {city}"
    return f"{street} {house}, {number(code, dice)} {city}"
