"""Invented holders of the seen set: names, homes and number patterns that neither the specimens nor a split has."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from types import ModuleType

from stdnum import luhn
from stdnum.do import cedula
from stdnum.ec import ci
from stdnum.th import pin

from backoffice.specimens.people import Person, number
from bench.accuracy.people import YEAR
from bench.accuracy.spent_people import filled

NAMES: dict[str, tuple[str, str, str]] = {
    "ALB": ("Mirela|Teuta|Ardita", "Agim|Besnik|Gëzim", "Hoxha|Krasniqi|Çela|Gjoka"),
    "PER": ("Yesica Maribel|Flor Nélida|Tania", "Percy|Wilfredo Óscar|Edwin Rolando",
            "Huamán Quispe|Chávez Ccori|Ñahui Palomino|Salazar Vilca"),
    "MAR": ("Khadija|Zineb|Fatima Zahra", "Youssef|Hamza|Abdelilah", "El Amrani|Bennani|Tazi|Ouazzani"),
    "JPN": ("Haruka|Sachiko|Yui", "Takumi|Kenichi|Ryota", "Kobayashi|Matsumoto|Inoue|Shimizu"),
    "BGD": ("Tahmina|Sharmin Akter|Nasrin", "Mahfuz|Shafiqul|Kamrul Hasan", "Chowdhury|Rahman|Talukder|Bhuiyan"),
    "SVK": ("Zuzana|Dana|Želmíra", "Marek|Juraj|Štefan",
            "Balážová|Oravcová|Kollárová|Hudáková;Baláž|Oravec|Hudák|Šebo"),
    "URY": ("Lucrecia|Silvana Gimena|Micaela", "Washington|Nicolás Fabián|Líber",
            "Olivera Techera|Bentancor Silveira|Larrosa Píriz"),
    "ECU": ("Blanca Piedad|Digna Mercedes|Narcisa Jacqueline", "Segundo Rigoberto|Klever Vinicio|Galo Patricio",
            "Toapanta Lema|Guamán Chicaiza|Zambrano Loor|Cevallos Mera"),
    "VNM": ("Thi Huong|Ngoc Lan|Thuy Trang", "Cong Duc|Quang Minh|Tuan", "Dinh|Pham|Hoang|Bui"),
    "ARE": ("Maryam Hassan|Shamma Rashid|Hessa Obaid", "Ahmed Saeed|Khalifa Juma|Mansour Salem",
            "Almansoori|Alketbi|Alshamsi|Almazrouei"),
    "PAK": ("Saima|Rukhsana|Uzma", "Zubair|Imran|Shahbaz", "Qureshi|Bajwa|Afridi|Siddiqui"),
    "DOM": ("Yokasta|Altagracia Miguelina|Rosanna", "Wellington|Rafelito|Starlin Antonio",
            "Encarnación Polanco|Mejía Tavárez|Batista Heredia|Peralta Almonte"),
    "CRI": ("Kattia Vanessa|Yorleny|Hazel", "Minor Gerardo|Esteban|Randall",
            "Chinchilla Mata|Ugalde Brenes|Solano Picado"),
    "TZA": ("Neema Upendo|Rehema Zawadi|Mwajuma Asha", "Baraka Emmanuel|Juma Hamisi|Godfrey Elias",
            "Mwakyusa|Shayo|Massawe|Nyerenda"),
    "PRT": ("Sónia Cristina|Célia|Telma Alexandra", "Hélder|Rúben André|Joaquim Alberto",
            "Ferreira Moutinho|Carvalhal Pinto|Teles Rebelo|Vaz Azevedo"),
    "USA": ("Kaitlyn|Bonnie Jean|Tamika", "Garrett|Dwayne Curtis|Brandon", "Olmstead|Schultz|Vang|Ferguson"),
    "JAM": ("Shanique|Tashoy Nadine|Beverley", "Delroy|Oshane Ricardo|Lloyd", "Bogle|Samuels|Dacosta|Grizzle"),
    "THA": ("Siriporn|Kanokwan|Ratchanee", "Somchai|Anucha|Prasert", "Jaidee|Wongsuwan|Rattanakul|Phromsiri"),
    "NPL": ("Sabina|Bimala|Pramila", "Bishnu|Dipendra|Suman", "Adhikari|Shrestha|Ghimire|Basnet"),
    "GBR": ("Eilidh|Mairi Isobel|Kirsty", "Hamish|Ruaridh|Fraser Iain", "Drummond|MacAskill|Cruickshank|Lamont"),
    "CAN": ("Karine|Véronique|Sylvie", "Mathieu|Stéphane|Réjean", "Lachance|Pelletier|Cloutier|Thériault"),
    "TTO": ("Kamla|Giselle|Indira", "Kerwin|Anil|Nigel", "Ramkissoon|Maharaj|Alleyne|Joseph-Baptiste"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "ALB": ("Rruga e Pishave &&|Rruga Lumi &", "Berat|Elbasan|Shkodër"),
    "PER": ("Jr. Los Molles &&&|Av. Cusco &&", "Arequipa|Huancayo|Trujillo"),
    "MAR": ("&& Rue des Oliviers|& Avenue Atlas", "Meknès|Tanger|Agadir"),
    "JPN": ("&-&-&& Midori", "Nagano|Kumamoto|Niigata"),
    "BGD": ("House &&, Road &", "Sylhet|Khulna|Rangpur"),
    "SVK": ("Lipová &&|Hviezdoslavova &|Jarná &&", "&&& && Trnava|&&& && Poprad|&&& && Zvolen"),
    "URY": ("Bulevar Aparicio &&&", "Salto|Melo|Durazno"),
    "ECU": ("Calle Chimborazo &&", "Ambato|Loja|Manta"),
    "VNM": ("Brnenská &&", "Hanoi|Hue|Vinh"),
    "ARE": ("Villa &&", "Sharjah|Fujairah|Ajman"),
    "PAK": ("House &&, Street &", "Multan|Sialkot|Peshawar"),
    "DOM": ("Calle Duarte &&", "Moca|Bonao|Higüey"),
    "CRI": ("Avenida & Casa &&", "Heredia|Cartago|Liberia"),
    "TZA": ("S.L.P. &&&", "Arusha|Mbeya|Dodoma"),
    "PRT": ("Rua da Fonte &&", "Viseu|Braga|Beja"),
    "USA": ("&&&& Birch Hollow Ct|&&& N Lakeview Ter", "Oshkosh, WI 54&&&|Wausau, WI 54&&&|Racine, WI 53&&&"),
    "JAM": ("&& Poinciana Drive|&& Orange Grove", "Mandeville|Montego Bay|May Pen"),
    "THA": ("&& Moo &", "Chiang Mai|Khon Kaen|Songkhla"),
    "NPL": ("Ward No. &|Ward No. &&", "Pokhara|Butwal|Dharan"),
    "GBR": ("&& Heather Brae|& Loch Wynd|&&& Thistle Terrace", "Perth PH& &@@|Oban PA&& &@@|Elgin IV&& &@@"),
    "CAN": ("&&& rue Principale|&& avenue des Peupliers", "Joliette QC  J&@ &@&|Alma QC  G&@ &@&|Amos QC  J&@ &@&"),
    "TTO": ("LP && Cassia Trace|&& Immortelle Avenue", "Arima|Chaguanas|San Fernando"),
}  # fmt: skip
"""Streets and towns, as spent_people fills them: & is a digit, @ a letter."""


def holder(country: str, seed: int, pattern: str) -> Person:
    """Invent one holder of a country whose document carries a number of a pattern (A letter, 9 digit, X either)."""
    dice = random.Random(f"seen{country}{seed}")
    sex = dice.choice("MF")
    surname, given = _name(country, sex, dice)
    street, town = (filled(dice.choice(part.split("|")), dice) for part in _HOMES[country])
    born = date(YEAR - dice.randint(23, 76), dice.randint(1, 12), dice.randint(1, 28))
    issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 12), dice.randint(1, 28))
    ends = issued.replace(year=issued.year + dice.choice((5, 8, 10))) - timedelta(days=dice.choice((0, 1)))
    return Person(
        given, surname, born, sex, country, number(pattern, dice), issued, ends, f"{street}, {town}",
        _PERSONAL.get(country, _plain_number)(born, sex, dice), _birth_place(town), country, seed,
    )  # fmt: skip


def parent(who: Person, sex: str) -> tuple[str, str]:
    """Name the holder's father, who shares the first surname, or mother, who gave the last one."""
    surname, given = _name(who.nationality, sex, random.Random(f"{sex}{who.nationality}{who.seed}"))
    own, others = who.surname.split(" "), surname.split(" ")[1:]
    return given, " ".join([own[0] if sex == "M" else own[-1], *others])


def checked(body: str, module: ModuleType) -> str:
    """Add the check digit that a number's scheme wants."""
    return next(found for last in "0123456789" if module.is_valid(found := body + last))


def _name(country: str, sex: str, dice: random.Random) -> tuple[str, str]:
    female, male, surnames = NAMES[country]
    return (
        dice.choice(surnames.split(";")[0 if sex == "F" else -1].split("|")),
        dice.choice((female if sex == "F" else male).split("|")),
    )


def _birth_place(town: str) -> str:
    return " ".join(word for word in town.replace(",", "").split() if word.isalpha() and not word.isupper())


def _plain_number(_born: date, _sex: str, dice: random.Random) -> str:
    return filled("&&&&&&&&", dice)


def _slovak(born: date, sex: str, dice: random.Random) -> str:
    """Write a birth number: women have 50 added to the month, and all ten digits are a multiple of eleven."""
    day = f"{born:%y}{born.month + (50 if sex == 'F' else 0):02}{born:%d}"
    while True:
        tail = filled("&&&&", dice)
        if int(day + tail) % 11 == 0:
            return f"{day}/{tail}"


def _emirati(born: date, _sex: str, dice: random.Random) -> str:
    serial = filled("&&&&&&&", dice)
    return f"784-{born.year}-{serial}-{luhn.calc_check_digit(f'784{born.year}{serial}')}"


def _thai(_born: date, _sex: str, dice: random.Random) -> str:
    found = checked(filled("3&&&&&&&&&&&", dice), pin)
    return f"{found[0]} {found[1:5]} {found[5:10]} {found[10:12]} {found[12]}"


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "SVK": _slovak,
    "ARE": _emirati,
    "THA": _thai,
    "ECU": lambda _born, _sex, dice: checked(filled(f"{dice.choice(('06', '13', '18'))}2&&&&&&", dice), ci),
    "DOM": lambda _born, _sex, dice: checked(filled("0&&1&&&&&&", dice), cedula),
    "BGD": lambda _born, _sex, dice: filled("6&&&&&&&&&", dice),
    "MAR": lambda _born, _sex, dice: filled("@@&&&&&&", dice),
    "ALB": lambda born, sex, dice: f"{_albanian(born, sex)}{filled('&&&@', dice)}",
}


def _albanian(born: date, sex: str) -> str:
    """Write the first six signs of an Albanian number: a letter for the decade, and women's months have 50 added."""
    decade = "ABCDEFGHIJKLM"[born.year // 10 - 190]
    return f"{decade}{born.year % 10}{born.month + (50 if sex == 'F' else 0):02}{born:%d}"
