"""Invented holders of the varied set: thirty peoples with names, homes and words of their own."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice.specimens.people import Person, number
from bench.accuracy.people import YEAR
from bench.accuracy.spent_people import filled
from bench.accuracy.varied_numbers import personal_number
from bench.accuracy.varied_words import flat

_ROWS = """
KEN;sw en;Jamhuri ya Kenya;Republic of Kenya;Mkenya;Kenyan
Wanjiru Grace|Akinyi|Chebet Faith|Mumbua|Nafula;Kiprotich|Otieno Brian|Kamau|Mutiso Peter|Barasa;Njoroge|Odhiambo|Cheruiyot|Musyoka|Wafula
P.O. Box &&&|Plot && Moi Road|&& Uhuru Street;Nakuru|Eldoret|Kisumu|&&&&& Thika
GHA;en;Republic of Ghana;Republic of Ghana;Ghanaian;Ghanaian
Akosua|Efua Mansa|Abena Serwaa|Adwoa;Kwabena|Kofi Asante|Yaw|Nii Armah;Owusu-Ansah|Boateng|Quartey|Agyemang|Tetteh
House No. B&&/&|GA-&&&-&&&&|&& Ring Road East;Kumasi|Takoradi|Tamale|Cape Coast
BRB;en;Barbados;Barbados;Barbadian;Barbadian
Shakira Nicole|Rosalind|Cherie Ann;Deighton|Romario Shane|Everton;Holder-Clarke|Brathwaite|Greenidge|Yearwood
&& Flamboyant Avenue|Lot & Sunset Ridge;St. Philip BB&&&&&|Christ Church BB&&&&&|St. Michael BB&&&&&
ZMB;en;Republic of Zambia;Republic of Zambia;Zambian;Zambian
Mutinta|Chanda Ruth|Namakau|Thokozile;Mwansa|Kelvin Bwalya|Lubinda|Chisomo;Phiri|Banda-Zulu|Mulenga|Hamoonga
Plot &&&& Cairo Avenue|&& Mosi Road;Ndola|Kitwe|Livingstone|Chipata
AUS;en;Commonwealth of Australia;Australia;Australian;Australian
Charlotte Ivy|Imogen|Bronte;Darcy|Riley Thomas|Callan;O'Halloran|Whitford|Pham-Nolan|Castellano
Unit & && Banksia Parade|&&& Wattle Grove;Geelong VIC 32&&|Dubbo NSW 28&&|Cairns QLD 48&&
USA;en;United States of America;State of Franklin;American;American
Kimberly Ann|Latasha|Jolene Marie|Priscilla;Travis Wayne|Jamal|Brett Allen|Leonel;Hollingsworth|Mayfield|Ochoa|Lindstrom|Tuttle
&&&& Cottonwood Ln|&&& W Magnolia St Apt &|&&&& Sycamore Blvd;Topeka, KS 66&&&|Boise, ID 83&&&|Macon, GA 31&&&
BOL;es;Estado Plurinacional de Bolivia;Plurinational State of Bolivia;Boliviana;Bolivian
Roxana|Wara Lucía|Jhenny|Marlene Rosa;Grover|Ever Iván|Limbert|Jaime René;Mamani Choque|Condori Apaza|Villarroel Terrazas|Rocabado Arze
C. Sucre &&&|Av. Blanco Galindo Km &|Zona Villa Fátima &&;Cochabamba|Oruro|Tarija|Potosí
GTM;es;República de Guatemala;Republic of Guatemala;Guatemalteca;Guatemalan
Ingrid Paola|Odilia|Wendy Marisol;Byron Estuardo|Selvin|Mynor;Ajú Xicará|Barrios Godínez|Chután Pérez|Sandoval Lemus
& Avenida &-&& Zona &|& Calle &&-&& Zona &;Quetzaltenango|Cobán|Escuintla|Huehuetenango
ESP;es;Reino de España;Kingdom of Spain;Española;Spanish
Nerea|María Dolores|Estíbaliz|Rocío;Iker|Juan Manuel|Xavier|Álvaro;Santamaría Robles|Cifuentes Llorente|Echevarría Goñi|Pascual Ferrer
Calle Zurbano && &º B|Plaza del Carmen &|Avda. Constitución &&;&&&&& Albacete|&&&&& Huesca|&&&&& Jaén
MOZ;pt en;República de Moçambique;Republic of Mozambique;Moçambicana;Mozambican
Celeste|Gracinda Amélia|Nércia;Alfredo|Dércio Manuel|Salomão;Macuácua|Nhantumbo|Chissano Tembe|Mondlane
Av. Eduardo &&&|Bairro Central Casa &&;Nampula|Beira|Quelimane
BRA;pt;República Federativa do Brasil;Federative Republic of Brazil;Brasileira;Brazilian
Rosângela|Taís Regina|Marlúcia|Jaqueline;Wanderley|Everaldo José|Fábio Henrique|Cláudio;Cavalcanti Prado|Nogueira Bastos|Siqueira|Rezende Toledo
Rua XV de Novembro &&&|Av. Sete de Setembro &&&&;&&&&&-&&& Blumenau SC|&&&&&-&&& Uberaba MG|&&&&&-&&& Olinda PE
SEN;fr;République du Sénégal;Republic of Senegal;Sénégalaise;Senegalese
Aminata|Fatou Bintou|Ndèye Coumba|Rokhaya;Mamadou Lamine|Ousmane|Cheikh Tidiane|Babacar;Diatta|Ndiaye|Gueye-Sarr|Thiam
Villa &&& Cité Keur|&& Rue Carnot|Parcelle &&& Unité &;Thiès|Ziguinchor|Saint-Louis|Kaolack
BEL;nl fr;Koninkrijk België;Royaume de Belgique;Belg;Belge
Liesbet|Amélie|Hilde Maria|Axelle;Jeroen|Quentin|Koen Frans|Benoit;Peeters|Vandamme|Dewulf|Lambrechts|Collard
Kerkstraat &&|Rue du Moulin &&|Stationslei & bus &;&&&& Mechelen|&&&& Kortrijk|&&&& Namur
FRA;fr en;République française;French Republic;Française;French
Maëlys|Marie-Christine|Ophélie|Gwenaëlle;Aurélien|Jean-Philippe|Florian|Rémi;Charpentier|Le Bihan|Roussel-Grange|d'Harcourt|Bonnefoy
&& rue des Lilas|& impasse du Pressoir|&&& avenue Jean Jaurès;&&&&& Limoges|&&&&& Quimper|&&&&& Valence Cedex
AUT;de en;Republik Österreich;Republic of Austria;Österreich;Austrian
Theresia|Anna-Lena|Waltraud|Sieglinde;Florian|Johann Georg|Wolfgang|Raimund;Oberhauser|Steinböck|Winkler-Moser|Hofstätter
Kärntner Gasse &&/&|Am Anger &|Mozartweg &&;&&&& Leoben|&&&& Steyr|&&&& Wörgl
DEU;de;Bundesrepublik Deutschland;Federal Republic of Germany;Deutsch;German
Friederike|Anke Maria|Gesine|Svenja;Detlef|Hans-Joachim|Torben|Uwe;Baumgärtner|Freiherr von Rabenau|Kloß|Thiele-Voigt
Bahnhofstraße &&|Am Wiesengrund &a|Heinrich-Heine-Ring &&;&&&&& Cottbus|&&&&& Göttingen|&&&&& Wismar
ITA;it de;Repubblica Italiana;Italienische Republik;Italiana;Italienisch
Ornella|Maria Grazia|Serena|Loredana;Ivano|Pier Paolo|Gennaro|Ettore;Degasperi|Dell'Acqua|Marchesini|Unterkofler|Calabrò
Via Roma &&|Piazza Dante &|Viale Europa &&/B;&&&&& Bolzano BZ|&&&&& Rovereto TN|&&&&& Matera MT
NLD;nl en;Koninkrijk der Nederlanden;Kingdom of the Netherlands;Nederlandse;Dutch
Marloes|Anneke Johanna|Fleur|Wietske;Gijs|Hendrik Jan|Ruben|Tjeerd;van den Heuvel|Hoekstra|Kuipers-de Jong|ter Braak
Wilhelminastraat &&|Oude Gracht && B|Hoofdweg &&&;&&&& GD Assen|&&&& KL Venlo|&&&& TS Goes
POL;pl en;Rzeczpospolita Polska;Republic of Poland;Polskie;Polish
Katarzyna|Bogumiła|Aneta Maria|Danuta;Zbigniew|Tomasz Adam|Krzysztof|Przemysław;Wróblewska|Szymańska|Kozieł|Pietrzak;Wróblewski|Szymański|Kozieł|Pietrzak
ul. Kopernika && m. &|os. Słoneczne &/&&|ul. Cicha &;&&-&&& Kielce|&&-&&& Opole|&&-&&& Tarnów
CZE;cs en;Česká republika;Czech Republic;Česká republika;Czech
Jitka|Alžběta|Ludmila Marie|Šárka;Radek|Zdeněk|Jiří Václav|Přemysl;Procházková|Dvořáčková|Růžičková|Němcová;Procházka|Dvořáček|Růžička|Němec
Komenského &&&/&&|Na Příkopě &|Husova &&;&&& && Olomouc|&&& && Písek|&&& && Zlín
ROU;ro en;România;Romania;Română;Romanian
Ioana|Crina Elena|Luminița|Mihaela;Răzvan|Ștefan Cristian|Dorin|Horia;Bălănescu|Munteanu|Țurcanu|Stoica-Pop
Str. Independenței nr. && bl. @& ap. &|Bd. Unirii nr. &&|Str. Morii nr. &;Bacău|Sibiu|Oradea|&&&&&& Pitești
HUN;hu;Magyarország;Hungary;Magyar;Hungarian
Eszter|Borbála|Judit Mária|Zsófia;Gergő|Zoltán|Péter Balázs|Ákos;Szőke|Bodnár|Fekete-Győr|Vörös
Kossuth Lajos utca &&.|Petőfi tér &.|Rákóczi út &&.;&&&& Eger|&&&& Szolnok|&&&& Győr
TUR;tr en;Türkiye Cumhuriyeti;Republic of Türkiye;T.C.;Turkish
Elif|Şule Nur|Gülsüm|Tuğba;Emre|Oğuz Kağan|Çağlar|İsmail;Yıldırım|Öztürk|Akgün|Çelik-Doğan
Cumhuriyet Mah. Gül Sk. No: &&|Atatürk Cad. &&/&;Eskişehir|Bursa|&&&&& Trabzon
SWE;sv en;Konungariket Sverige;Kingdom of Sweden;Svensk;Swedish
Gunilla|Frida Maria|Malin|Birgitta;Oskar|Lars-Göran|Viktor|Mattias;Ekström|Wallin|Norrgård-Blom|von Platen
Kungsgatan &&|Björkstigen & lgh 1&&&|Lilla Torget &;&&& && Växjö|&&& && Gävle|&&& && Borås
DNK;da en;Kongeriget Danmark;Kingdom of Denmark;Dansk;Danish
Mette|Anne Sofie|Signe|Karen Margrethe;Rasmus|Bent Ole|Mikkel|Svend;Nørgaard|Thygesen|Brøndum-Lund|Skov
Vestergade && 2. tv|Kastanievej &|Havnepladsen &&;&&&& Viborg|&&&& Næstved|&&&& Hjørring
NOR;no en;Kongeriket Norge;Kingdom of Norway;Norsk;Norwegian
Ingvild|Marit Elise|Sunniva|Berit;Trond|Odd Magnus|Sindre|Kjetil;Aasen|Fjellheim|Myhre-Dahl|Skjæveland
Storgata &&|Fjordveien & B|Postboks &&&;&&&& Hamar|&&&& Bodø|&&&& Molde
FIN;fi sv;Suomen tasavalta;Republiken Finland;Suomi;Finland
Marjatta|Sini Maria|Hannele|Oona;Antti|Veli-Matti|Eero Juhani|Lasse;Mäkelä|Lehtinen|Sjöholm|Rautiainen-Ek
Koivukatu && A &|Satamatie &|Keskuskatu &&;&&&&& Kuopio|&&&&& Pori|&&&&& Vaasa
HRV;hr en;Republika Hrvatska;Republic of Croatia;Hrvatsko;Croatian
Vesna|Ana Marija|Dubravka|Željka;Zoran|Krešimir|Ivan Luka|Hrvoje;Jurišić|Kovačević|Babić-Perko|Vuković
Ulica lipa &&|Trg slobode &|Vukovarska cesta &&&;&&&&& Osijek|&&&&& Zadar|&&&&& Varaždin
IDN;id;Republik Indonesia;Republic of Indonesia;WNI;Indonesian
Sri Wahyuni|Fitriani|Rina Marlina;Slamet|Hendra Gunawan|Yusuf;Nasution|Setiawan|Simanjuntak|Kusuma
Jl. Melati No. && RT 0&/RW 0&|Jl. Diponegoro &&&;Malang|Padang|Makassar|Semarang &&&&&
MYS;ms en;Malaysia;Malaysia;Warganegara;Malaysian
Noraini|Hui Shan|Kavitha;Khairul Anuar|Chee Keong|Mohan;Hashim|Tan|Rajagopal|Zainal
No. && Jalan Bukit Indah &|Lot &&& Taman Desa;&&&&& Ipoh|&&&&& Kuantan|&&&&& Seremban
VNM;vi en;Cộng hòa xã hội chủ nghĩa Việt Nam;Socialist Republic of Vietnam;Việt Nam;Vietnamese
Mai Anh|Bich Phuong|Khanh Linh;Van Hung|Huu Thang|Gia Bao;Nguyen|Tran|Vo|Dang
&& Le Loi|So & Ngo && Tran Phu;Da Nang|Can Tho|Hai Phong
TZA;sw en;Jamhuri ya Muungano wa Tanzania;United Republic of Tanzania;Mtanzania;Tanzanian
Zuhura|Anna Furaha|Happiness;Athumani Omari|Elibariki|Rashidi;Kimaro|Mushi|Lyimo-Kessy|Makame
S.L.P. &&&&|Kitalu && Mtaa wa Azikiwe;Moshi|Tanga|Mwanza
PHL;tl en;Republika ng Pilipinas;Republic of the Philippines;Pilipino;Filipino
Jocelyn Santos|Maria Corazon Ramos|Divina Gracia;Rodel Bautista|Jose Mari Cruz|Ferdinand Ocampo;Macaraeg|Villanueva|Pangilinan|Del Rosario
Blk & Lot && Sampaguita St|&&& Rizal Avenue;Dagupan City|Iloilo City &&&&|Batangas City
LVA;lv en;Latvijas Republika;Republic of Latvia;Latvijas;Latvian
Ilze|Anna Katrīna|Zane;Jānis|Andris Pēteris|Mārtiņš;Ozoliņa|Krūmiņa|Bērziņa-Liepa;Ozoliņš|Krūmiņš|Liepa
Brīvības iela &&-&|Liepu iela &;Liepāja, LV-&&&&|Cēsis, LV-&&&&|Jelgava, LV-&&&&
LTU;lt en;Lietuvos Respublika;Republic of Lithuania;Lietuvos;Lithuanian
Rasa|Ona Marija|Jūratė;Mindaugas|Vytautas Jonas|Žydrūnas;Kazlauskienė|Petraitytė|Žukaitė;Kazlauskas|Petraitis|Žukas
Gedimino pr. &&-&|Vilties g. &;LT-&&&&& Kaunas|LT-&&&&& Utena|LT-&&&&& Šiauliai
ALB;sq en;Republika e Shqipërisë;Republic of Albania;Shqiptare;Albanian
Vjosa|Fjolla|Drita;Arben|Valon|Burim;Gashi|Berisha|Shala-Kelmendi|Morina
Rr. Nëna Terezë nr. &&|Rr. Dardania &/&;&&&& Fier|&&&& Korçë|&&&& Lushnjë
EST;et en;Eesti Vabariik;Republic of Estonia;Eesti;Estonian
Külli|Maarja Liis|Triin;Andrus|Priit Karl|Indrek;Tamm|Kuusk|Jõgi-Raud|Sepp
Pikk tn &&-&|Kase tee &;&&&&& Viljandi|&&&&& Rakvere|&&&&& Võru
"""  # noqa: E501


@dataclass(frozen=True)
class People:
    """What a state and its people are called, and where they live; streets and towns as spent_people fills them."""

    code: str
    languages: tuple[str, ...]
    states: tuple[str, str]
    adjectives: tuple[str, str]
    names: tuple[str, str, str, str]
    homes: tuple[str, str]


def _read(heading: str, names: str, homes: str) -> People:
    code, languages, *words = flat(heading).split(";")
    female, male, *surnames = flat(names).split(";")
    streets, towns = flat(homes).split(";")
    return People(
        code, tuple(languages.split()), (words[0], words[1]), (words[2], words[3]),
        (female, male, surnames[0], surnames[-1]), (streets, towns),
    )  # fmt: skip


_LINES = _ROWS.strip().splitlines()
PEOPLES = {
    one.code: one for one in (_read(*lines) for lines in zip(_LINES[::3], _LINES[1::3], _LINES[2::3], strict=True))
}


def holder(people: str, seed: int, pattern: str, *, name: str, home: str = "") -> Person:
    """Invent one holder of an issuer's document; a permit's holder lives at the issuer's `home`, not among his own."""
    dice = random.Random(f"varied{name}{seed}")
    sex = dice.choice("MF")
    given, surname = named(people, sex, dice)
    street, town = _home(home or people, dice)
    born = date(YEAR - dice.randint(19, 80), dice.randint(1, 12), dice.randint(1, 28))
    issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 12), dice.randint(1, 28))
    ends = issued.replace(year=issued.year + dice.choice((5, 10, 15))) - timedelta(days=dice.choice((0, 1)))
    personal = personal_number(people, born, sex, dice, form=random.Random(name))
    return Person(
        given, surname, born, sex, people, number(pattern, dice), issued, ends, f"{street}, {town}",
        personal, _birth_place(_home(people, dice)[1]), people, seed,
    )  # fmt: skip


def named(people: str, sex: str, dice: random.Random) -> tuple[str, str]:
    """Name one of a people: given names and surname."""
    female, male, womens, mens = PEOPLES[people].names
    given, surnames = (female, womens) if sex == "F" else (male, mens)
    return dice.choice(given.split("|")), dice.choice(surnames.split("|"))


def relative(who: Person, sex: str, kin: str) -> str:
    """Name somebody of the holder's family; a father has the holder's surname, or the first of two."""
    given, surname = named(who.nationality, sex, random.Random(f"{kin}{who.nationality}{who.seed}"))
    return f"{given} {_fathers(who, surname)}" if kin == "father" else f"{given} {surname}"


def _fathers(who: Person, other: str) -> str:
    womens, mens = (one.split("|") for one in PEOPLES[who.nationality].names[2:])
    own = mens[womens.index(who.surname) % len(mens)] if who.surname in womens else who.surname
    first, _, second = own.partition(" ")
    others = other.rpartition(" ")[2]
    return f"{first} {others}" if second and "es" in PEOPLES[who.nationality].languages else own


def place(people: str, dice: random.Random) -> tuple[str, str]:
    """Say where an office of the issuer is: its street and its town."""
    street, town = _home(people, dice)
    return street, _birth_place(town)


def _home(people: str, dice: random.Random) -> tuple[str, str]:
    streets, towns = PEOPLES[people].homes
    return filled(dice.choice(streets.split("|")), dice), filled(dice.choice(towns.split("|")), dice)


def _birth_place(town: str) -> str:
    words = town.replace(",", " ").split()
    return " ".join(word for word in words if not any(sign.isdigit() for sign in word) and not word.isupper())
