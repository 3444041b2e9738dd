"""The heard set: enough of each kind, and nothing shared with a set that may be tuned on."""

from backoffice.specimens import people as specimen_people
from bench.accuracy import development, heard, known, met, seen, shown, spent
from bench.accuracy.heard_people import NAMES
from bench.accuracy.met_people import NAMES as MET
from bench.accuracy.people import DEVELOPMENT, KNOWN
from bench.accuracy.seen_people import NAMES as SEEN
from bench.accuracy.shown_people import NAMES as SHOWN
from bench.accuracy.spent_people import NAMES as SPENT
from tests.bench.drawn import words_of


def test_there_are_enough_of_each_kind() -> None:
    documents = [heard.draw(template, 1)[1] for template in heard.TEMPLATES]
    kinds = [document.kind for document in documents]
    least = {"passport": 5, "driving_licence": 4, "proof_of_address": 4, "residence_permit": 2}
    assert {kind: count for kind, count in least.items() if kinds.count(kind) < count} == {}
    cards = [one for one in documents if one.kind in {"national_id", "residence_permit"}]
    assert (len([one for one in cards if one.zone]), len([one for one in cards if not one.zone])) >= (3, 3)


def test_nothing_is_shared_with_another_set() -> None:
    others = development.TEMPLATES | known.TEMPLATES | spent.TEMPLATES | seen.TEMPLATES | shown.TEMPLATES
    others |= met.TEMPLATES
    taken = [words_of(names) for names in (DEVELOPMENT, KNOWN, SPENT, SEEN, SHOWN, MET, specimen_people._NAMES)]
    assert words_of(NAMES) & set().union(*taken) == set()
    patterns = {pattern for *_, pattern in heard.TEMPLATES.values()}
    assert patterns & {pattern for *_, pattern in others.values()} == set()
    assert heard.TEMPLATES.keys() & others.keys() == set()
    countries = {drawn.country for drawn in (heard.draw(name, 1)[1] for name in heard.TEMPLATES)}
    before = DEVELOPMENT.keys() | KNOWN.keys() | SPENT.keys() | SEEN.keys() | SHOWN.keys() | MET.keys()
    assert len(countries & before) <= 1, "at most another region of one state, for the licence with a code"


def test_a_document_is_the_same_in_every_run_and_another_for_another_holder() -> None:
    template = next(iter(heard.TEMPLATES))
    one, again, other = (heard.draw(template, seed)[1] for seed in (5, 5, 6))
    assert [sheet.pdf() for sheet in one.sides.values()] == [sheet.pdf() for sheet in again.sides.values()]
    assert one.truth == again.truth != other.truth
