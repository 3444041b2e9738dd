"""Optional letters carry their own end, by a person's press or a mail program's, and then stay away."""

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.jobs import exports as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.services import export_letters, letter_preferences
from tests.services.post import post_office
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.test_exports import written

pytestmark = pytest.mark.usefixtures("database")


async def row_of(actor) -> Member:
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Member, actor.id)


async def test_nobody_chooses_for_others_and_keys_choose_nothing():
    acme = await make_cast()
    one, other = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_ADMIN)
    async with transaction(one.tenancy) as session:
        await letter_preferences.choose(session, one, LetterKind.WEBHOOKS, wanted=False)
    assert ((await row_of(one)).muted_letters, (await row_of(other)).muted_letters) == (["webhooks"], [])
    for nobody in (acme.api, SYSTEM):
        with pytest.raises(NotFound):
            async with transaction(nobody.tenancy) as session:
                await letter_preferences.choose(session, nobody, LetterKind.WEBHOOKS, wanted=False)


async def test_a_letter_says_how_to_stop_it_and_then_it_does(monkeypatch):
    actor = await member(await make_cast(), Role.PARTNER_ANALYST)
    export, address = await written(actor), (await row_of(actor)).email
    link = letter_preferences.link(actor.id, LetterKind.EXPORTS)
    async with post_office(monkeypatch) as posted:
        await jobs.mail(str(export.id))
        [mail] = posted.to(address)
        assert mail["List-Unsubscribe"] == f"<{link}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            assert link in mail.get_body((kind,)).get_content()
        async with transaction(Tenancy.everyone()) as session:
            await letter_preferences.stop(session, link.rpartition("/")[2], ip="10.0.0.1")
        await jobs.mail(str(export.id))
        assert len(posted.to(address)) == 1
    async with transaction(actor.tenancy) as session:
        assert await export_letters.addressed(session, SYSTEM, export.id) is None
        assert await letter_preferences.mine(session, actor) == {LetterKind.ALERTS: True, LetterKind.EXPORTS: False}
        await letter_preferences.choose(session, actor, LetterKind.EXPORTS, wanted=True)
    async with transaction(actor.tenancy) as session:
        assert await export_letters.addressed(session, SYSTEM, export.id) is not None


async def test_a_choice_is_in_the_trail_with_who_made_it():
    actor = await member(await make_cast(), Role.PARTNER_ADMIN)
    token = letter_preferences.link(actor.id, LetterKind.WEBHOOKS).rpartition("/")[2]
    async with transaction(Tenancy.everyone()) as session:
        await letter_preferences.stop(session, token, ip="10.0.0.1")
    async with transaction(actor.tenancy) as session:
        await letter_preferences.choose(session, actor, LetterKind.WEBHOOKS, wanted=True)
        await letter_preferences.choose(session, actor, LetterKind.WEBHOOKS, wanted=True)
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(
            select(AuditEntry.actor_name, AuditEntry.changes)
            .where(AuditEntry.subject_id == actor.id, AuditEntry.action == "member.letters_changed")
            .order_by(AuditEntry.sequence)
        )
        assert [tuple(row) for row in found] == [
            ("unsubscribe link", {"webhooks": [True, False]}),
            ("Kim Berg", {"webhooks": [False, True]}),
        ]
