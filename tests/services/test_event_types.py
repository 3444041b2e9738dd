"""The catalogue: whole, documented, and true of the events that are really written."""

import importlib.util
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import api_keys, decisions, event_types, events, review_claims, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.event_shapes import SHAPES
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.webhook_cast import endpoint_of, quiet

ROOT = Path(__file__).resolve().parents[2]
EVERYONE = Tenancy.everyone()
DESIGN = """
document.created document.submitted document.processing document.in_review document.approved document.rejected
document.resubmission_requested document.superseded document.expired document.canceled document.redacted
document.reopened document.second_review_requested document.on_hold document.escalated
document.question_asked document.question_answered
verification.created verification.pending verification.processing verification.in_review verification.approved
verification.rejected verification.resubmission_requested verification.expired verification.canceled
verification.redacted
applicant.created applicant.updated applicant.erased
review.claimed review.released review.escalated review.sla_warning review.sla_breached
api_key.created api_key.rotated api_key.revoked api_key.expiring
webhook_endpoint.disabled webhook_endpoint.secret_rotated webhook_endpoint.test
webhook_endpoint.failing webhook_endpoint.recovered webhook_endpoint.delivery_exhausted
quota.threshold_reached quota.exceeded plan.changed plan.change_scheduled plan.change_canceled
alert.opened alert.resolved
invoice.finalized export.ready audit.checkpoint_signed
"""


def whole(schema):
    """Refuse what the description does not list: partners may ignore new fields, we may not forget to describe them."""
    if isinstance(schema, dict):
        closed = {key: whole(value) for key, value in schema.items()}
        return closed | {"additionalProperties": False} if "properties" in schema else closed
    return [whole(one) for one in schema] if isinstance(schema, list) else schema


def check(envelope):
    """Compare an event with its type's description, to the last field."""
    shapes = {shape.name: whole(shape.schema()) for shape in SHAPES}
    schema = whole(event_types.BY_NAME[envelope["type"]].schema("#/$defs/{}"))
    jsonschema.validate(envelope, schema | {"$defs": shapes}, format_checker=jsonschema.FormatChecker())


def test_every_type_of_the_design_stands_in_it_once():
    assert sorted(event_types.NAMES) == sorted(DESIGN.split())
    assert len(event_types.CATALOGUE) == len(event_types.BY_NAME)
    assert webhook_endpoints.EVENT_TYPES == event_types.NAMES


@pytest.mark.parametrize("one", event_types.CATALOGUE, ids=lambda one: one.name)
def test_each_has_a_sentence_and_an_example_of_its_shape(one):
    assert re.fullmatch(r"[A-Z0-9].{8,119}\.", one.sentence)
    check(one.example())


def test_the_page_for_partners_says_the_same():
    """Mend it with `python scripts/write_event_docs.py`."""
    path = ROOT / "scripts" / "write_event_docs.py"
    spec = importlib.util.spec_from_file_location("write_event_docs", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text() == script.render()


async def told(cast):
    async with transaction(EVERYONE) as session:
        statement = select(Event).where(Event.partner_id == cast.partner.id).order_by(Event.id)
        return list((await session.execute(statement)).scalars())


async def test_real_events_have_exactly_the_described_shape(database):
    cast = await make_cast()
    admin, kim = await member(cast, Role.PARTNER_ADMIN), await member(cast, Role.REVIEWER)
    tasks = [await in_review(cast) for _ in range(2)]
    for task, outcome, reasons in (
        (tasks[0], Outcome.REJECTED, ("image_glare",)),
        (tasks[1], Outcome.RESUBMISSION_REQUESTED, ("image_blurred",)),
    ):
        async with transaction(EVERYONE) as session:
            started = await review_claims.start(session, kim, task.id)
        async with transaction(EVERYONE) as session:
            verdict = await decisions.sign(
                session, kim, task.id, outcome=outcome, reasons=reasons, note=None, version=started.version
            )
        with clock.at(clock.now() + timedelta(seconds=5)):
            async with transaction(EVERYONE) as session:
                await decisions.finalize(session, SYSTEM, verdict.task_id, verdict.id)
    endpoint, _ = await endpoint_of(cast, "http://127.0.0.1:9/hook")
    async with transaction(admin.tenancy) as session:
        key, _ = await api_keys.create(
            session, admin, name="shop", livemode=True, scopes=[Permission.EVENTS_READ], partner_id=cast.partner.id
        )
        await api_keys.revoke(session, admin, key.id)
        await webhook_endpoints.rotate_secret(session, admin, endpoint.id)
        await webhook_endpoints.send_test(session, admin, endpoint.id)
        await webhook_endpoints.disable(session, admin, endpoint.id)
    written = await told(cast)
    assert {event.type.partition(".")[0] for event in written} >= {
        "document", "verification", "applicant", "review", "api_key", "webhook_endpoint",
    }  # fmt: skip
    assert {"document.rejected", "document.resubmission_requested", "review.claimed"} <= {one.type for one in written}
    for event in written:
        check(events.envelope(event))
    await quiet(cast)


async def test_what_is_not_in_the_catalogue_is_never_told(database):
    cast = await make_cast()
    subject = events.Subject("document", new_id(), cast.partner.id, True, {"id": "x"})
    with pytest.raises(KeyError):
        async with transaction(EVERYONE) as session:
            await events.emit(session, Actor.system(), "document.declined", subject)
    assert await told(cast) == []


def test_wildcards_mean_a_family():
    assert event_types.expand(["quota.*"]) == ({"quota.threshold_reached", "quota.exceeded"}, [])
    assert event_types.expand(["review.claimed", "nothing.*", "*"]) == ({"review.claimed"}, ["nothing.*", "*"])
    assert event_types.expand([]) == (set(), [])
