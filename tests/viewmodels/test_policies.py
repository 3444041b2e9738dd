"""Rules in words, and differences that can be read."""

import pytest

from backoffice.screening.policy_language import parse
from backoffice.viewmodels.policies import diff
from backoffice.viewmodels.policy_words import rule_views

HEAD = "language: policy/v1\nrequired: [file_safety, text]\nrules:\n  - name: a-rule\n    when: "


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{check: mrz, status: passed}", "When Machine readable zone passed."),
        ("{check: mrz, status: [warning, failed]}", "When Machine readable zone is unsure or failed."),
        ("{check: expiry, status: failed, reason: document_expired}", "When Expiry failed with document expired."),
        ("{check: expiry, reason: under_age}", "When Expiry says under age."),
        ("{checks: every, status: [passed, not_applicable]}", "When every check passed or does not apply."),
        ("{checks: required, status: passed}", "When every required check passed."),
        ("{checks: [mrz, age], status: error}", "When Machine readable zone, Age could not run."),
        ("{check: mrz, score_below: 0.5}", "When Machine readable zone scores below 0.5."),
        ("{check: mrz, score_at_least: 0.25}", "When Machine readable zone scores 0.25 or more."),
        ("{type: [passport, national_id]}", "When it is a passport or id card."),
        ("{issuing_country: FRA, risk_below: 0.2}", "When it comes from FRA and the risk is below 0.2."),
        ("{risk_at_least: 0.5, attempt_at_least: 2}", "When the risk is 0.5 or more and it is attempt 2 or later."),
        ("{livemode: false}", "When it is a test."),
        (
            "{all: [{livemode: true}, {any: [{type: tax_id}, {type: selfie}]}]}",
            "When it is live and (it is a tax id or it is a selfie).",
        ),
        ("{none: [{type: tax_id}]}", "When not (it is a tax id)."),
    ],
)
def test_a_condition_in_words(when, said):
    policy = parse(f"{HEAD}{when}\n    then: {{outcome: review}}\n")
    first, last = rule_views(policy)
    assert (first.name, first.when, first.outcome) == ("A rule", said, "To a person")
    assert (last.name, last.when, last.outcome) == ("Otherwise", "Everything else.", "To a person")


def test_what_follows_in_words():
    then = "{outcome: review, priority: high, first: [mrz], second_review: true}"
    first, _ = rule_views(parse(f"{HEAD}{{livemode: true}}\n    then: {then}\n"))
    assert first.detail == "high priority, Machine readable zone first, two people sign"


def test_a_difference_shows_what_is_new_and_what_is_gone():
    lines = diff("a\nb\nc", "a\nx\nc")
    assert [(line.text, line.tone) for line in lines if line.tone in {"green", "red"}] == [
        ("-b", "red"),
        ("+x", "green"),
    ]
    assert diff("same", "same") == []
