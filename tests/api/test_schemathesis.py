"""A stranger's tool reads our OpenAPI document, asks for everything it can think of, and finds nothing."""

import asyncio
from collections import Counter

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

from backoffice.api.openapi.naming import walk
from tests.api.world import make_world, passport, picture

SEED = 20261126
EXAMPLES = 6
"""For each operation, beside what the coverage and stateful phases make up; more of them found nothing more."""
EXAMPLE = "(passport.jpg)"
"""What the documentation says in the place of a file."""


RELATIONS = {
    "sides_mismatch": "as many sides as files",
    "applicant_conflict": "either `applicant` or `applicant_id`",
    "verification_conflict": "the verification is that applicant's",
    "idempotency_mismatch": "the same key with another body",
    "url_not_allowed": "a host that resolves, and to a public address",
    "reasons_not_allowed": "reasons only with outcomes that have them",
    "reason_unknown": "codes of the catalogue, which grows",
    "invalid_name": "letters that can be printed",
    "invalid_description": "letters that can be printed",
    "invalid_expiry": "a time to come",
}
"""What a schema cannot say: each value is right, together or with the world they are not."""
RELATIONS_OF = {
    ("POST", "/verifications", "missing"): "one of `applicant` and `applicant_id`",
    ("POST", "/webhook_endpoints/{endpoint_id}/recover", "out_of_range"): "a range begins before it ends",
    ("GET", "/usage", "out_of_range"): "a range of days spans at most so many",
}
ERASED_LATER = "/applicants/{applicant_id}"
"""Its DELETE answers 202: the erasure has begun, and a worker ends it."""
FREE_FORM = "/metadata"
"""Nor that free JSON holds no control characters and at most eight levels."""
NEGATIVE = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx"]
POSITIVE = ["2xx", "3xx", "401", "403", "404", "409", "412", "429", "5xx"]
"""The tool's own lists, and 412: a version that was true a moment ago."""
FEW = {"FRA", "DEU", "USA", "IND", "document.approved", "verification.rejected", "document.*"}
STREAM = "/events/stream"
"""Its answer never ends, so no tool that waits for the end can judge it; tests/api/test_event_stream.py does."""


@schemathesis.check
def code_is_documented(ctx, response, case):
    """Every refusal has a code, and the operation's documentation lists it under this status."""
    if response.status_code < 400 or response.status_code == 405:
        return
    assert "application/problem+json" in response.headers.get("content-type", [""])[0], response.status_code
    documented = case.operation.definition.raw["responses"][str(response.status_code)]
    code = response.json()["code"]
    assert code in documented["content"]["application/problem+json"]["examples"], f"{code} is not documented here"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    is_strict = not isinstance(failure, RejectedPositiveData)
    if isinstance(failure, UseAfterFree) and case.operation.path == ERASED_LATER:
        return False
    if is_strict:
        return True
    body = response.json()
    is_inside = any(one["pointer"].startswith(FREE_FORM) for one in body["errors"])
    place = (case.method, case.operation.path, body["code"])
    return not (body["code"] in RELATIONS or place in RELATIONS_OF or is_inside)


@st.composite
def pictures(draw):
    return draw(st.sampled_from([passport(), picture(), picture("PNG"), picture("WEBP")]))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Ask for a few of 249 countries and 48 event types: the others say nothing new, and each costs a request."""
    for node in walk(raw_schema):
        members = node.get("enum")
        if isinstance(members, list) and ("FRA" in members or "document.approved" in members):
            node["enum"] = [one for one in members if one in FEW]


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict) and case.body.get("files") == [EXAMPLE]:
        case.body["files"] = [passport()]


schemathesis.openapi.format("line-of-text", st.from_regex(r"\A[A-Za-z0-9][ -~]{0,70}\Z"))
schemathesis.openapi.format("ip-network", st.ip_addresses().map(str))
schemathesis.openapi.format("cursor", st.just("now"))
for kind in ("image/jpeg", "image/png", "image/webp", "image/heic", "image/tiff", "application/pdf"):
    schemathesis.openapi.media_type(kind, pictures())


def config(key):
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": {"Authorization": f"Bearer {key}"},
            "workers": 1,
            "checks": {
                "negative_data_rejection": {"expected-statuses": NEGATIVE},
                "positive_data_acceptance": {"expected-statuses": POSITIVE},
            },
            "generation": {"mode": "all", "max-examples": EXAMPLES, "database": "none"},
            "phases": {
                "examples": {"enabled": True},
                "coverage": {"enabled": True, "unexpected-methods": ["PUT", "PATCH", "OPTIONS"]},
                "fuzzing": {"enabled": True},
                "stateful": {"enabled": True, "max-steps": 6, "inference": {"algorithms": ["location-headers"]}},
            },
        }
    )


def sentence(recorder, case_id, check):
    failure = check.failure_info.failure
    interaction = recorder.interactions.get(case_id)
    answer = interaction.response.text[:600] if interaction and interaction.response else ""
    curl = check.failure_info.code_sample[:1500]
    return f"{recorder.label}: {check.name}: {failure.title}: {failure.message}\n{curl}\n{answer}"


def judge(url, key):
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config(key)).exclude(path=STREAM)
    found, counted = [], Counter(operations=schema.statistic.operations.selected)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            counted[str(event.phase)] += len(event.recorder.cases)
            for case_id, checks in event.recorder.checks.items():
                counted.update(check.name for check in checks)
                found += [sentence(event.recorder, case_id, check) for check in checks if check.failure_info]
        elif isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found, counted


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_schemathesis_finds_nothing(web):
    world = await make_world()
    key = await world.key("test", livemode=False)
    found, counted = await asyncio.to_thread(judge, web.url, key)
    assert sorted(set(found)) == []
    for phase in ("examples", "coverage", "fuzzing", "stateful"):
        assert counted[phase] > 0, counted
    assert counted["code_is_documented"] >= EXAMPLES * counted["operations"]
