"""Sweeps belong to the system: nobody else expires, discards or erases, and nobody else's time counts."""

from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.members import Role
from backoffice.services import deadlines, documents, erasures, expiries, screenings, test_clocks, uploads
from tests.api.world import rows, rows_changed
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEW_LEAD, Role.OPERATOR])
async def test_people_do_no_work_of_the_system(role):
    person = await member(await make_cast(), role)
    for work in (
        lambda session: expiries.overdue(session, person),
        lambda session: expiries.expire(session, person, new_id()),
        lambda session: uploads.ended(session, person),
        lambda session: uploads.forget(session, person, []),
        lambda session: erasures.lead(session, person, new_id()),
        lambda session: erasures.begin(session, person, new_id()),
        lambda session: erasures.complete(session, person, new_id()),
        lambda session: erasures.enqueue_lost(session, person),
        lambda session: screenings.unkept(session, person, []),
    ):
        with pytest.raises(NotAllowed):
            async with transaction(EVERYONE) as session:
                await work(session)


async def test_people_who_only_look_erase_nobody():
    cast = await make_cast()
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER, Role.REVIEWER, Role.OPERATOR):
        person = await member(cast, role)
        with pytest.raises(NotAllowed):
            async with transaction(person.tenancy) as session:
                await erasures.request(session, person, new_id())


async def move(document_id, *statuses):
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        for status in statuses:
            await documents.change_status(session, SYSTEM, document, DocumentStatus(status))
    return document


async def test_only_who_waits_for_the_partner_has_a_deadline():
    document_id = await submitted(await make_cast())
    for status in ("processing", "in_review", "resubmission_requested", "expired"):
        document = await move(document_id, status)
        assert (document.expires_at is not None) is (status == "resubmission_requested"), status


async def test_what_was_sent_a_moment_before_does_not_expire():
    document_id = await submitted(await make_cast())
    await move(document_id, "processing", "in_review", "resubmission_requested")
    past = clock.wall() - timedelta(seconds=1)
    await rows_changed("update documents set expires_at = :t where id = :d", t=past, d=document_id)
    async with transaction(EVERYONE) as session:
        found = await expiries.overdue(session, SYSTEM)
    assert document_id in [one.document_id for one in found]
    await move(document_id, "superseded")
    async with transaction(EVERYONE) as session:
        assert await expiries.expire(session, SYSTEM, document_id) is False
    assert (await rows("select status from documents where id = :d", d=document_id))[0].status == "superseded"


async def test_a_live_document_knows_no_test_clock():
    cast = await make_cast()
    ahead = timedelta(days=400)
    await rows_changed(
        "update partners set test_clock_seconds = :s where id = :p", s=ahead.total_seconds(), p=cast.partner.id
    )
    for livemode, expected in ((True, timedelta()), (False, ahead)):
        async with transaction(EVERYONE) as session:
            assert await test_clocks.lead(session, cast.partner.id, livemode=livemode) == expected
            document = Document(
                partner_id=cast.partner.id, livemode=livemode, applicant_id=new_id(), verification_id=new_id(),
                status=DocumentStatus.AWAITING_UPLOAD,
            )  # fmt: skip
            expires_at = await deadlines.expiry(session, document)
            left = expires_at - clock.wall() - expected
            assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
            with clock.shifted(expected):
                assert abs(await deadlines.expiry(session, document) - expires_at) < timedelta(minutes=1)
