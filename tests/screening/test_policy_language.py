"""Policies: read strictly, refused by line, and never able to approve what did not pass."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.screening import policy_language
from backoffice.screening.policy_language import MAX_FAULTS, MAX_SOURCE, PolicyError, parse
from backoffice.screening.policy_rulings import NEVER_APPROVED, Facts, Shown, rule
from backoffice.screening.types import CHECK_NAMES

SHIPPED = Path(policy_language.__file__).parent / "policies"
RECOMMENDED = (SHIPPED / "recommended.yaml").read_text()
HEAD = "language: policy/v1\nrequired: [file_safety, mrz, text]\n"
RULE = f"{HEAD}rules:\n  - name: a\n    when: "
PASSED = {name: Shown("passed", 0.9) for name in CHECK_NAMES if name != "policy"}


def facts(type_="passport", **changed) -> Facts:
    """A document that everything confirms, but for what is changed: check=status or check=(status, reasons)."""
    shown = dict(PASSED)
    for name, value in changed.items():
        status, reasons = value if isinstance(value, tuple) else (value, ())
        shown[name] = Shown(status, 0.1, reasons)
    return Facts(checks={name: one for name, one in shown.items() if one.status != "absent"}, type=type_)


def one_rule(when: str, then: str = "{outcome: approved}") -> policy_language.Policy:
    return parse(f"{HEAD}rules:\n  - name: only\n    when: {when}\n    then: {then}\n")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_we_ship_can_be_read(path):
    assert parse(path.read_text()).otherwise.outcome == "review"


WRONG = [
    ("", 1, "A policy begins with"),
    ("- a\n- b", 1, "A policy begins with"),
    ("a: [", 1, "This is no YAML"),
    ("a: \x00", 1, "no YAML"),
    ("language: policy/v1\na: !!python/object:os.system x", 2, "cannot be read"),
    ("language: policy/v1\nlanguage: policy/v1", 2, "language is written twice"),
    ("language: policy/v2\nrequired: [mrz]", 1, "policy/v1"),
    ("language: policy/v1", 1, "required is missing"),
    ("language: policy/v1\nrequired: []", 2, "required"),
    ("language: policy/v1\nrequired: [mrzz]", 2, "There is no check called mrzz"),
    (f"{HEAD}colour: red", 3, "colour is not part of the language"),
    (f"{HEAD}otherwise: {{outcome: approved}}", 1, "otherwise is always a review"),
    (f"{HEAD}rules:\n  - name: Spaced Out\n    when: {{risk_below: 1}}\n    then: {{outcome: approved}}", 4, "name"),
    (f"{RULE}{{}}\n    then: {{outcome: approved}}", 5, "must ask for something"),
    (f"{RULE}{{check: mrz}}\n    then: {{outcome: approved}}", 5, "say what mrz must show"),
    (f"{RULE}{{status: passed}}\n    then: {{outcome: approved}}", 5, "without check"),
    (f"{RULE}{{check: mrz, status: good}}\n    then: {{outcome: approved}}", 5, "status"),
    (f"{RULE}{{risk_below: 7}}\n    then: {{outcome: approved}}", 5, "risk_below"),
    (f"{RULE}{{risk_below: 1}}\n    then: {{outcome: rejected}}", 6, "needs reasons"),
    (f"{RULE}{{risk_below: 1}}\n    then: {{outcome: approved, first: [mrz]}}", 6, "first"),
    (f"{RULE}{{all: [{{check: mrz, status: [error]}}]}}\n    then: {{outcome: approved}}", 4, "decides nothing"),
    (f"{RULE}{{any: &x [{{risk_below: 1}}], all: *x}}\n    then: {{outcome: review}}",
     5, "aliases"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "line", "words"), WRONG)
def test_a_fault_is_named_with_its_line(source, line, words):
    with pytest.raises(PolicyError) as caught:
        parse(source)
    told = [fault for fault in caught.value.faults if words.lower() in fault.message.lower()]
    assert told, caught.value.faults
    assert told[0].line == line


def test_all_faults_are_told_at_once():
    source = f"{RULE}{{check: mrz}}\n    then: {{outcome: rejected}}\ncolour: red\n"
    with pytest.raises(PolicyError) as caught:
        parse(source)
    assert [fault.line for fault in caught.value.faults] == [5, 6, 7]


def test_two_rules_of_one_name_are_refused():
    two = "  - {name: a, when: {risk_below: 1}, then: {outcome: approved}}\n" * 2
    with pytest.raises(PolicyError, match="Two rules are called a"):
        parse(f"{HEAD}rules:\n{two}")


@pytest.mark.parametrize("source", ["a: " + "[" * 5000, "x" * (MAX_SOURCE + 1), "a: {" * 3000, "[" * 100_000])
def test_monsters_are_refused(source):
    with pytest.raises(PolicyError):
        parse(source)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_fault(text):
    faults = faults_of(HEAD + text)
    assert all(fault.line >= 1 and fault.message for fault in faults)


SILENT = [
    ("{type: }", "type asks for nothing"),
    ("{livemode: null}", "livemode asks for nothing"),
    ("{all: }", "all asks for nothing"),
    ("{checks: every, status: passed, type: }", "type asks for nothing"),
    ("{none: [{checks: [], status: failed}]}", "checks needs at least one"),
    ("{none: [{check: mrz, status: []}]}", "status"),
    ("{none: [{type: []}]}", "type"),
    ("{check: mrz, score_at_least: true}", "valid number"),
    ("{check: mrz, score_at_least: .nan}", "score_at_least"),
    ("{attempt_at_least: true}", "attempt_at_least"),
    (f"{{attempt_at_least: 0x{'f' * 5_000}}}", "attempt_at_least"),
    ("{livemode: 'off'}", "livemode"),
    ("{<<: {status: failed}, check: mrz, status: passed}", "not part of the language"),
    ("{check: policy, status: passed}", "no check called policy"),
]


@pytest.mark.parametrize(("when", "words"), SILENT)
def test_nothing_that_would_silently_hold_or_never_hold_is_read(when, words):
    """`{type: }` is YAML for a type of nothing; read as no condition it would approve every document."""
    with pytest.raises(PolicyError) as caught:
        one_rule(when)
    assert any(words.lower() in fault.message.lower() for fault in caught.value.faults), caught.value.faults


def test_no_rule_takes_the_name_of_what_follows_when_none_holds():
    with pytest.raises(PolicyError, match="No rule can be called otherwise"):
        parse(f"{HEAD}rules:\n  - {{name: otherwise, when: {{risk_below: 1}}, then: {{outcome: approved}}}}\n")


def test_an_error_leads_to_a_person_and_its_absence_may_lead_anywhere():
    assert one_rule("{check: mrz, status: error}", "{outcome: review, priority: high}").rules
    assert one_rule("{none: [{check: mrz, status: error}]}").rules


def test_ten_thousand_faults_are_told_in_part():
    assert len(faults_of("{" + ", ".join(f"k{number}" for number in range(5_000)) + "}")) <= MAX_FAULTS


def faults_of(source: str):
    try:
        parse(source)
    except PolicyError as error:
        return error.faults
    return ()


CONDITIONS = [
    ("{check: mrz, status: passed}", {}, True),
    ("{check: mrz, status: passed}", {"mrz": "failed"}, False),
    ("{check: mrz, status: [warning, failed]}", {"mrz": "failed"}, True),
    ("{check: mrz, status: passed}", {"mrz": "absent"}, False),
    ("{none: [{check: mrz, status: passed}]}", {"mrz": "absent"}, True),
    ("{check: expiry, reason: document_expired}", {"expiry": ("failed", ("document_expired",))}, True),
    ("{check: expiry, reason: [under_age, document_expired]}", {"expiry": ("failed", ("document_expired",))}, True),
    ("{check: expiry, reason: document_expired}", {}, False),
    ("{check: mrz, score_below: 0.5}", {"mrz": "warning"}, True),
    ("{check: mrz, score_at_least: 0.9}", {}, True),
    ("{check: mrz, score_at_least: 0.91}", {}, False),
    ("{checks: required, status: passed}", {"age": "failed"}, True),
    ("{checks: every, status: passed}", {"age": "failed"}, False),
    ("{checks: every, status: [passed, failed]}", {"age": "failed"}, True),
    ("{checks: [age, mrz], status: passed}", {"age": "absent"}, False),
    ("{type: passport}", {}, True),
    ("{type: [national_id, tax_id]}", {}, False),
    ("{issuing_country: FRA}", {}, False),
    ("{risk_below: 0.2}", {}, True),
    ("{risk_at_least: 0.2}", {}, False),
    ("{attempt_at_least: 2}", {}, False),
    ("{livemode: true}", {}, True),
    ("{type: passport, check: mrz, status: failed}", {}, False),
    ("{any: [{type: tax_id}, {check: mrz, status: passed}]}", {}, True),
    ("{all: [{type: tax_id}, {check: mrz, status: passed}]}", {}, False),
]


@pytest.mark.parametrize(("when", "changed", "is_met"), CONDITIONS)
def test_a_condition_holds_or_not(when, changed, is_met):
    ruling = rule(one_rule(when, "{outcome: review, why: held}"), facts(**changed))
    assert (ruling.why == "held") == is_met


def test_the_first_rule_that_holds_decides():
    source = (
        f"{HEAD}rules:\n"
        "  - {name: one, when: {type: tax_id}, then: {outcome: approved}}\n"
        "  - {name: two, when: {type: passport}, then: {outcome: rejected, reasons: [document_expired]}}\n"
        "  - {name: three, when: {type: passport}, then: {outcome: approved}}\n"
    )
    ruling = rule(parse(source), facts())
    assert (ruling.outcome, ruling.rule, ruling.reasons) == ("rejected", "two", ("document_expired",))


@pytest.mark.parametrize("status", ["error", "absent"])
@pytest.mark.parametrize("outcome", ["{outcome: approved}", "{outcome: rejected, reasons: [document_expired]}"])
def test_without_every_required_check_a_person_decides(status, outcome):
    ruling = rule(one_rule("{type: passport}", outcome), facts(text=status))
    assert (ruling.outcome, ruling.unanswered) == ("review", ("text",))
    assert "text gave no answer" in ruling.summary


@pytest.mark.parametrize("status", sorted(NEVER_APPROVED))
def test_no_rule_approves_over_a_check_that_did_not_pass(status):
    ruling = rule(one_rule("{type: passport}"), facts(tampering=status))
    assert (ruling.outcome, ruling.first) == ("review", ("tampering",))


@pytest.mark.parametrize("shown", ["file_safety", "text", "face_match", "image_quality"])
def test_nothing_is_approved_before_something_was_confirmed(shown):
    silent = dict.fromkeys(PASSED, "not_applicable") | {"file_safety": "passed", "text": "passed", shown: "passed"}
    ruling = rule(one_rule(f"{{check: {shown}, status: passed}}"), facts(**silent))
    assert ruling.outcome == "review"
    assert "nothing that the document says" in ruling.summary


def test_a_policy_that_approves_requires_the_least():
    with pytest.raises(PolicyError, match="requires at least file_safety and text"):
        parse(RULE.replace("file_safety, ", "") + "{livemode: true}\n    then: {outcome: approved}\n")


def test_a_partner_that_wants_a_person_gets_one():
    wanted = Facts(checks=PASSED, type="passport", is_person_wanted=True)
    ruling = rule(one_rule("{type: passport}"), wanted)
    assert ruling.outcome == "review"
    assert "wants a person" in ruling.summary


OLD = ("failed", ("document_expired",))
RECOMMENDATIONS = [
    ({}, "approved", "confirmed", ()),
    ({"mrz": "not_applicable"}, "approved", "confirmed", ()),
    ({"mrz": "not_applicable", "barcode": "not_applicable"}, "review", "otherwise", ()),
    ({"applicant_match": "not_applicable"}, "review", "otherwise", ()),
    ({"expiry": OLD}, "rejected", "expired", ("document_expired",)),
    ({"image_quality": ("failed", ("image_blurred",)), "text": "failed", "applicant_match": "warning"},
     "resubmission_requested", "unreadable-picture", ("image_blurred",)),
    ({"applicant_match": ("failed", ("name_mismatch",))}, "review", "says-something-else", ()),
    ({"duplicate": "warning", "expiry": OLD}, "rejected", "expired", ("document_expired",)),
    ({"data_consistency": "failed", "expiry": OLD}, "review", "says-something-else", ()),
    ({"tampering": "warning"}, "review", "looks-altered", ()),
    ({"duplicate": "error"}, "review", "confirmed-is-barred", ()),
    ({"age": "warning"}, "review", "otherwise", ()),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "outcome", "name", "reasons"), RECOMMENDATIONS)
def test_the_recommended_policy(changed, outcome, name, reasons):
    ruling = rule(parse(RECOMMENDED), facts(**changed))
    assert (ruling.outcome, ruling.reasons) == (outcome, reasons)
    if name != "confirmed-is-barred":
        assert ruling.rule == name


STATUSES = st.sampled_from(["passed", "warning", "failed", "error", "not_applicable", "absent"])


@given(st.fixed_dictionaries(dict.fromkeys(PASSED, STATUSES)))
def test_whatever_screening_finds_the_recommended_policy_approves_only_the_whole(found):
    ruling = rule(parse(RECOMMENDED), facts(**found))
    if ruling.outcome == "approved":
        assert set(found.values()) <= {"passed", "not_applicable", "absent"}
        assert all(found[name] == "passed" for name in ("applicant_match", "expiry"))
        assert "passed" in {found["mrz"], found["barcode"]}
        assert all(found[name] != "absent" for name in parse(RECOMMENDED).required)
