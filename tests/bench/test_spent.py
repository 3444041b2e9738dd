"""The spent set: enough of each kind, and nothing shared with a set that may be tuned on."""

from backoffice.specimens import people as specimen_people
from bench.accuracy import development, known, spent
from bench.accuracy.people import DEVELOPMENT, KNOWN
from bench.accuracy.spent_people import NAMES
from tests.bench.drawn import words_of


def test_there_are_enough_of_each_kind() -> None:
    kinds = [spent.draw(template, 1)[1].kind for template in spent.TEMPLATES]
    least = {"passport": 6, "driving_licence": 5, "proof_of_address": 4, "tax_id": 2, "residence_permit": 1}
    assert {kind: count for kind, count in least.items() if kinds.count(kind) < count} == {}
    assert len(kinds) >= 24


def test_nothing_is_shared_with_another_set() -> None:
    others = development.TEMPLATES | known.TEMPLATES
    taken = words_of(DEVELOPMENT) | words_of(KNOWN) | words_of(specimen_people._NAMES)
    assert words_of(NAMES) & taken == set()
    assert {pattern for _, _, pattern in spent.TEMPLATES.values()} & {
        pattern for _, _, pattern in others.values()
    } == set()
    assert spent.TEMPLATES.keys() & others.keys() == set()
    countries = {country for _, country, _ in spent.TEMPLATES.values()} & (DEVELOPMENT.keys() | KNOWN.keys())
    assert countries == {"USA", "CAN", "IND"}, "their codes are wanted; regions and layouts are others"


def test_a_document_is_the_same_in_every_run_and_another_for_another_holder() -> None:
    one, again, other = (spent.draw("dutch_statement", seed)[1] for seed in (5, 5, 6))
    assert one.sides["page"].pdf() == again.sides["page"].pdf()
    assert one.truth == again.truth != other.truth
