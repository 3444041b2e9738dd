"""The letter about a replaced app, as it arrives: sent by the job that the change itself left behind."""

import json

import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.jobs import members as jobs
from backoffice.models.members import Member, Role, Session
from backoffice.services import own_logins, second_factor
from tests.services.browser_cast import enter
from tests.services.people import make_person, visitor
from tests.services.post import post_office

pytestmark = pytest.mark.usefixtures("database")
WAITING = """select convert_from(payload, 'utf8') from pgqueuer
where entrypoint = 'member.mail_second_factor_changed' and convert_from(payload, 'utf8') like :member"""


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def waiting(person) -> list[dict[str, str]]:
    async with transaction(Tenancy.everyone()) as session:
        rows = (await session.execute(text(WAITING), {"member": f"%{person.id}%"})).scalars()
        return [json.loads(row) for row in rows]


async def replace_app(person, step) -> None:
    """Let another app give the codes; its first code is of this very step, so what was used is forgotten first."""
    await own_logins.begin_second_factor(step.actor, person.code(), visitor())
    async with transaction(Tenancy.everyone()) as session:
        member = await session.get_one(Member, person.id)
        row = await session.get_one(Session, step.actor.session_id)
        person.totp_secret, person.used_step = second_factor.open_(row.totp_seed_box, row.id), 0
        member.totp_last_step = 0
    await own_logins.finish_second_factor(step.actor, person.code(), visitor())


@pytest.mark.parametrize(
    ("code", "subject", "said"),
    [
        ("", "Another app gives your codes now", ("You were signed out everywhere else.", "If it was not you")),
        ("fr", "Une autre application donne", ("déconnecté", "prévenez vos administrateurs")),
    ],
)
async def test_a_replaced_app_is_told_by_letter_to_its_person(posted, code, subject, said):
    person = await make_person(Role.PARTNER_ADMIN)
    step = await enter(person)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Member, person.id)).language = code
    await replace_app(person, step)
    [told] = await waiting(person)
    await jobs.mail_second_factor_changed(**told)
    [mail] = posted.to(person.email)
    assert mail["Subject"].startswith(subject)
    body = mail.get_body(("plain",)).get_content().replace("\r\n", " ").replace("\n", " ")
    for each in (*said, "/account/security", person.email):
        assert each in body
    assert person.totp_secret not in body


async def test_an_app_that_was_not_replaced_is_told_to_nobody():
    person = await make_person(Role.PARTNER_ADMIN)
    step = await enter(person)
    await own_logins.begin_second_factor(step.actor, person.code(), visitor())
    with pytest.raises(own_logins.Invalid):
        await own_logins.finish_second_factor(step.actor, "000000x", visitor())
    await own_logins.drop_second_factor(step.actor)
    assert await waiting(person) == []
