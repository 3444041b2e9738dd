"""Invented holders of two splits; no name and no number pattern is shared with the specimens or between the splits."""

import random
from datetime import date, timedelta

from backoffice.specimens.people import Person, number

YEAR = 2026
"""Everything is dated from here, so that the set is the same in every year; the run's today is in it too."""

DEVELOPMENT = {
    "AUT": ("Leopoldine|Annelies|Vroni", "Korbinian|Günther|Ägidius", "Haßlinger|Pichler|Öttl-Gruber|Zwölfer"),
    "MEX": ("Xóchitl|María Fernanda|Itzel", "Cuauhtémoc|José Eduardo|Ramiro",
            "Treviño Garza|Ibáñez Solís|Cárdenas Ruiz"),
    "BEL": ("Godelieve|Maïté|Noëlla", "Thibault|Jean-Luc|Wannes", "Vandenbroucke|De Smedt|Lefèvre|Claes"),
    "ZAF": ("Nomvula|Thandiwe Grace|Lerato", "Sipho|Pieter Willem|Bongani", "Mokoena|van Rooyen|Naidoo|Dlamini"),
    "DNK": ("Astrid|Kirstine Marie|Dagny", "Søren|Troels Emil|Jørgen", "Østergaard|Kjær|Bøgh Madsen|Holm"),
    "GBR": ("Philippa|Nerys|Ottoline", "Gareth|Angus John|Clement", "Wetherby|Llewellyn|Hargreaves|Dunmore"),
    "USA": ("Brooke|Shanice Marie|Dolores", "Wyatt|Terrence Lee|Hector", "Abernathy|Villareal|Kowalczyk|Boone"),
    "IND": ("Deepika|Sunita Rani|Radhika", "Vikram|Harish Chandra|Manoj", "Deshmukh|Agarwal|Pillai|Sengupta"),
    "FRA": ("Solène|Anne-Gaëlle|Capucine", "Yannick|Jérôme Paul|Loïc", "Kervella|Delacroix|Mouëllic|Duchêne"),
    "NGA": ("Chiamaka|Folasade|Amina Bello", "Emeka|Tunde James|Ibrahim", "Okonkwo|Adebayo|Musa|Eze"),
    "MYS": ("Nurul Huda|Siti Aisyah|Mei Ling", "Ahmad Faiz|Wei Jian|Arvind", "Abdullah|Lim|Subramaniam|Ismail"),
}  # fmt: skip
KNOWN = {
    "FIN": ("Päivi|Aino Kaarina|Tuulikki", "Väinö|Jukka Pekka|Ilmari", "Hämäläinen|Kettunen|Rönkkö|Vesterinen"),
    "CHE": ("Ursina|Fabienne|Noémie", "Reto|Urs Beat|Gian-Andri", "Zurbriggen|Aeschbacher|Künzli|Bühler-Frei"),
    "ARG": ("Milagros|Ana Belén|Rocío", "Facundo|Juan Ignacio|Nahuel", "Etcheverry|Núñez|Bertolotti|Quiroga Paz"),
    "AUS": ("Kirralee|Matilda Jane|Tegan", "Lachlan|Jarrod Peter|Angus", "Featherstone|McGillivray|Brennan|Tran"),
    "EST": ("Liisi|Õie|Kadri Mai", "Jüri|Tõnis|Rein Andres", "Kärner|Põldmaa|Saar|Välja"),
    "PHL": ("Maricel|Rosario Luz|Analyn", "Jejomar|Crisanto|Paolo Miguel", "Dimaculangan|Batungbakal|Reyes|Salonga"),
    "IDN": ("Dewi Lestari|Ratna|Wulan Sari", "Bambang|Agus Salim|Joko", "Wicaksono|Hutapea|Siregar|Prabowo"),
    "IRL": ("Gráinne|Niamh Bridget|Orla", "Cillian|Donncha|Eoin Patrick", "Ó Súilleabháin|McLoughlin|Geraghty|Tierney"),
    "NOR": ("Ragnhild|Solveig Anne|Tuva", "Håvard|Øystein|Leif Arne", "Bjørnstad|Haugen|Sæther|Lunde-Vik"),
    "CAN": ("Mackenzie|Joëlle|Brielle Ann", "Connor|Étienne|Graham Scott", "Tremblay-Ross|Beauchemin|Stewart|Kaminski"),
    "USA": ("Savannah|Keisha Renee|Marisol", "Dakota|Vernon Ray|Mateo", "Lockhart|Delgadillo|Thibodeaux|Yazzie"),
    "IND": ("Ishita|Geeta Kumari|Nandini", "Siddharth|Ashok Babu|Pranav", "Kulkarni|Mukherjee|Reddy|Chauhan"),
    "PRT": ("Filipa|Maria Assunção|Graça", "Nélson|Duarte Nuno|Vítor", "Figueiredo|Pacheco Simão|Brandão|Lourenço"),
    "LUX": ("Mathilde|Joëlle|Anouk", "Yves|Jang-Mathias|Luc", "Schroeder|Weydert|Müller-Kieffer|Thill"),
}  # fmt: skip

_TOWNS = (
    "14 Harbour Lane|Kilmore 4521", "7 Station Road|Ashvale 2093", "Birkeveien 22|0572 Solvik",
    "Calle Larrea 1180|C1117ABF Rosal", "Seefeldgasse 9|8008 Altried", "221 Maple Crescent|Fernhill 3310",
)  # fmt: skip


def holder(names: dict[str, tuple[str, str, str]], country: str, seed: int, pattern: str) -> Person:
    """Invent one holder of a country whose document carries a number of a pattern (A letter, 9 digit, X either)."""
    dice = random.Random(f"{country}{seed}")
    female, male, surnames = names[country]
    sex = dice.choice("FM")
    issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 10), dice.randint(1, 28))
    street, town = dice.choice(_TOWNS).split("|")
    return Person(
        given_names=dice.choice((female if sex == "F" else male).split("|")),
        surname=dice.choice(surnames.split("|")),
        date_of_birth=date(YEAR - dice.randint(21, 72), dice.randint(1, 12), dice.randint(1, 28)),
        sex=sex,
        nationality=country,
        document_number=number(pattern, dice),
        issued_on=issued,
        expires_on=issued.replace(year=issued.year + 10) - timedelta(days=dice.choice((0, 1))),
        address=f"{street}, {town}",
        personal_number=number("99999999999", dice),
        place_of_birth=max(town.split(), key=lambda word: (word.isalpha(), len(word))),
        residence=country,
        seed=seed,
    )
