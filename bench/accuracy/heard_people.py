"""Invented holders of the heard set: countries, names, homes and number patterns that no other set has."""

import random
from collections.abc import Callable
from datetime import date

from bench.accuracy.peoples import Peoples
from bench.accuracy.spent_people import filled

_CENTURY = 2000
NAMES: dict[str, tuple[str, str, str]] = {
    "BOL": ("Nayra Eulogia|Primitiva|Shirley Lidia", "Evaristo Limber|Ademar|Rubén Policarpio",
            "Colque Alanoca|Ticona Laura|Huanca Limachi|Vaca Suárez"),
    "BHS": ("Shanrese Latoya|Deidre|Vernita Alicia", "Rashad Cedric|Cleveland|Kendal Rolly",
            "Rolle|Knowles|Pinder-Moss|Cartwright"),
    "TUN": ("Olfa|Hajer|Rim Chaima", "Moez|Mohamed Aymen|Slim", "Ben Romdhane|Trabelsi|Gharbi|Jaziri"),
    "UZB": ("Nilufar|Dilnoza|Zulfiya", "Jasur|Sherzod|Bekzod",
            "Yo'ldosheva|Karimova|Rahmatova|Tursunova;Yo'ldoshev|Karimov|Rahmatov|Tursunov"),
    "MWI": ("Tiyamike Esnart|Chikondi|Mphatso Linly", "Yamikani|Limbani Wyson|Chimwemwe",
            "Kachingwe|Nyirenda|Mkandawire|Chilima"),
    "SMR": ("Ombretta|Marina Gemma|Federica", "Maurizio|Gian Nicola|Livio Augusto",
            "Gasperoni|Zafferani|Selva|Ugolini"),
    "MLT": ("Rita Concetta|Graziella|Marthese", "Ninu|Karmenu|Mario Publius", "Camilleri|Xuereb|Grech|Saliba Vassallo"),
    "MAC": ("Sio Ieng|Weng Si|Choi Kuan", "Kin Hong|Wa Fai|Wai Tat", "Lei|Ieong|Kuok|Cheang"),
    "CUB": ("Yusimí Caridad|Odalys|Yanisleidy", "Yoandry|Reinier Lázaro|Osmany",
            "Pupo Leyva|Zaldívar Góngora|Matos Cutiño|Hechavarría Oliva"),
    "CIV": ("Affoué Odette|Aya Prisca|Mariam", "Koffi Narcisse|Kouadio Serge|Yao Landry",
            "Kouassi|N'Guessan|Coulibaly|Bamba"),
    "ZWE": ("Rudo|Tendai Memory|Nokuthula", "Tapiwa Blessing|Farai|Mthokozisi", "Chigumbura|Mutasa|Ncube|Mapfumo"),
    "BFA": ("Alizèta|Rasmata|Wendkuni Pélagie", "Issouf|Boureima|Wendpanga Rodrigue",
            "Ouédraogo|Sawadogo|Zongo|Kaboré"),
    "TGO": ("Afi Essénam|Akouvi|Dédé Akpéné", "Kossi Edem|Komlan|Yawo Mawuli", "Agbodjan|Amouzou|Lawson|Ekoué"),
    "GUY": ("Savitri Indra|Oneika|Nazeema Shabana", "Mahendra|Seon Leroy|Roopnarine", "Persaud|Bacchus|Ramnauth|Hinds"),
    "JEY": ("Ghislaine Lucy|Imelda|Tessa Rosemary", "Philip Edmund|Roderick|Hedley", "Bisson|Renouf|Du Feu|Vibert"),
    "USA": ("Paisley Jolie|Monique Renata|Corinne", "Tanner Dale|Alonzo|Cody Emmett",
            "Pendergrass|Whitcomb|Escobedo|Nakagawa"),
    "PNG": ("Hane|Vavine Geua|Dorcas", "Vagi|Sailas Tau|Gabriel", "Morea|Kila|Wanpis|Kaupa"),
    "COD": ("Bibiche|Chantal Ndaya|Godelive Mbuyi", "Trésor|Papy Kalala|Héritier",
            "Ilunga Mwepu|Kabasele Tshimanga|Mukendi Kazadi|Bolamba Lokwa"),
    "BEN": ("Bérénice Sèna|Houéfa|Pulchérie", "Gildas Sèdjro|Romaric|Modeste Comlan",
            "Hounkpatin|Adjovi|Gbaguidi|Dossou-Yovo"),
    "PRI": ("Keishla Enid|Migdalia|Awilda", "Efraín|Ángel Gamaliel|Héctor Ismael",
            "Cintrón Burgos|Nieves Rosado|Pagán Feliciano|Maldonado Crespo"),
    "BHR": ("Zainab Jaffar|Fatema Isa|Noora", "Sayed Mahdi|Ali Abdulnabi|Khalil Ebrahim",
            "Al Alawi|Al Sitri|Bucheeri|Al Kooheji"),
    "IMN": ("Voirrey|Breeshey Mona|Catherine Aalid", "Finlo Robert|Illiam|Orry", "Quayle|Corlett|Kermode|Teare"),
    "NCL": ("Wassissi|Marie-Ange|Ghislène Pascale", "Wadria|Jean-Marie Poindi|Gérald",
            "Wamytan|Naisseline|Lafleur|Guépy"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "BOL": ("Calle Sucre &&&", "Oruro|Tarija|Cochabamba"),
    "BHS": ("&& Wulff Road", "Nassau|Freeport|Marsh Harbour"),
    "TUN": ("& Rue Ibn Khaldoun|&& Avenue Habib Bourguiba|&& Rue de Marseille", "Sfax|Sousse|Bizerte"),
    "UZB": ("Navoiy ko'chasi &&", "Samarqand|Buxoro|Namangan"),
    "MWI": ("P.O. Box &&&", "Zomba|Lilongwe|Blantyre"),
    "SMR": ("Via Piana &&", "Borgo Maggiore|Serravalle|Domagnano"),
    "MLT": ("&&, Triq il-Kbira|Dar il-Paci, Triq San Pawl|&, Triq ir-Rebha",
            "Sliema SLM &&&&|Mosta MST &&&&|Qormi QRM &&&&"),
    "MAC": ("Rua do Campo &&", "Macau|Coloane|Taipa"),
    "CUB": ("Calle &&|Avenida &", "Holguín|Camagüey|Bayamo"),
    "CIV": ("Cocody Angré", "Bouaké|Daloa|Korhogo"),
    "ZWE": ("&& Samora Machel Ave", "Gweru|Mutare|Masvingo"),
    "BFA": ("Secteur &&", "Koudougou|Kaya|Banfora"),
    "TGO": ("&& Rue des Cocotiers|&&& Boulevard du 13 Janvier|&& Rue Koumoré",
            "BP &&&& Lomé|BP &&& Kara|BP &&& Atakpamé"),
    "GUY": ("Lot && Robb Street", "Georgetown|Linden|New Amsterdam"),
    "JEY": ("& Les Vaux Villas|La Rocque House|&& Clubley Estate",
            "St Helier JE2 &@@|Grouville JE3 &@@|St Saviour JE2 &@@"),
    "USA": ("&&&& SW ALDER ST|&&& NE 14TH AVE|&&&& HAWTHORNE BLVD APT &",
            "PORTLAND OR 972&&|BEND OR 977&&|EUGENE OR 974&&"),
    "PNG": ("Section && Lot &", "Lae|Madang|Goroka"),
    "COD": ("&& Av. Kasa-Vubu, Q/Matonge|&&& Av. Lukusa, Q/Golf|& Av. Basoko, Q/Socimat",
            "C/Kalamu, Kinshasa|C/Lubumbashi, Lubumbashi|C/Gombe, Kinshasa"),
    "BEN": ("Lot && Quartier Zongo|Carré &&& Gbégamey|Maison & Agla", "Parakou|Cotonou|Abomey"),
    "PRI": ("&& Calle Luna|Urb. Las Delicias B-& Calle 4|Cond. El Faro Apt. &&&",
            "Ponce, PR 00716|Bayamón, PR 00961|San Juan, PR 00918"),
    "BHR": ("Flat &&, Bldg &&&, Road 28&&|House &&&, Road 41&&|Villa &&, Road 10&&",
            "Block 428, Seef|Block 341, Juffair|Block 910, Riffa"),
    "IMN": ("&& Woodbourne Road|& Murray's Terrace|Thie Vane, && Derby Road",
            "Douglas, IM2 3@@|Douglas, IM1 3@@|Douglas, IM2 6@@"),
    "NCL": ("&& rue de Sébastopol|& rue Auer, Ducos|&&& route de l'Anse-Vata",
            "98800 Nouméa|98809 Mont-Dore|98835 Dumbéa"),
}  # fmt: skip
"""Streets and towns, as spent_people fills them: & is a digit, @ a letter."""


def _uzbek(born: date, sex: str, dice: random.Random) -> str:
    """Write the 14 digits that begin with the century and the sex: 3 and 4 before 2000, 5 and 6 after."""
    first = (5 if born.year >= _CENTURY else 3) + (sex == "F")
    return f"{first}{born:%d%m%y}{filled('&&&&&&&', dice)}"


def _cuban(born: date, sex: str, dice: random.Random) -> str:
    """Write the 11 digits whose seventh tells the century and whose tenth is even for men."""
    century = dice.choice("678") if born.year >= _CENTURY else dice.choice("012345")
    parity = dice.choice("02468" if sex == "M" else "13579")
    return f"{born:%y%m%d}{century}{filled('&&', dice)}{parity}{filled('&', dice)}"


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "UZB": _uzbek,
    "CUB": _cuban,
    "BOL": lambda _born, _sex, dice: filled("&&&&&&&", dice),
    "MWI": lambda _born, _sex, dice: filled("@@&@&@@&", dice),
    "MLT": lambda born, _sex, dice: f"{filled('0&&&', dice)}{born:%y}{'L' if born.year >= _CENTURY else 'M'}",
    "CIV": lambda _born, _sex, dice: filled("1&&&&&&&&&&", dice),
    "BFA": lambda born, sex, dice: f"{2 if sex == 'F' else 1}0{born:%Y%m%d}{filled('&&&&&&&', dice)}",
}
_PEOPLES = Peoples("heard", NAMES, _HOMES, _PERSONAL)
holder, parent = _PEOPLES.holder, _PEOPLES.parent
