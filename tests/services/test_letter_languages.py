"""Letters in the language of who gets them, through a real server: French beside English, from one and the same job."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.i18n import ENGLISH, language
from backoffice.jobs import alerts as alert_jobs
from backoffice.jobs import billing as billing_jobs
from backoffice.jobs import exports as export_jobs
from backoffice.jobs import members as member_jobs
from backoffice.jobs import notices as notice_jobs
from backoffice.models.alerts import AlertLetter
from backoffice.models.billing_accounts import BillingNotice
from backoffice.models.events import Event
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.services import invitees, letter_preferences, notices
from tests.services.alert_cast import asked, checked, key_until, used
from tests.services.billing_cast import billed_cast, fresh_month
from tests.services.post import post_office
from tests.services.review_cast import make_cast, member
from tests.services.test_billing_alerts import check, warn
from tests.services.test_exports import written
from tests.services.webhook_cast import answered, claim_for, due_now, emit, endpoint_of, quiet, settle

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
NOWHERE = "http://127.0.0.1:9/hook"
SPACE = "[ \u00a0\u202f]"
MOMENT = r"\d{1,2} \w+ \d{4} à \d\d:\d\d UTC"
"""A moment as French writes it."""


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def pair(cast, role: Role = Role.PARTNER_ADMIN):
    """Two of one company: who reads French, and who chose nothing."""
    french, other = await member(cast, role, "Inès Moreau"), await member(cast, role)
    await speaks(french.id, "fr")
    return french, other


async def speaks(member_id, code: str) -> None:
    async with transaction(EVERYONE) as session:
        (await session.get(Member, member_id)).language = code


async def address_of(actor) -> str:
    async with transaction(EVERYONE) as session:
        return (await session.get(Member, actor.id)).email


async def only(posted, actor):
    [mail] = posted.to(await address_of(actor))
    return mail


def body(mail, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def plain(mail) -> str:
    """Undo the lines of a text."""
    return body(mail, "plain").replace("\n", " ")


def assert_french(mail, *said: str, subject: str) -> None:
    """Look in the subject, the text and the HTML for what is said, and for none of the English around it."""
    assert re.fullmatch(subject.replace("~", SPACE), mail["Subject"].strip()), mail["Subject"]
    html = body(mail, "html")
    assert '<html lang="fr">' in html
    for each in said:
        for words in (plain(mail), html):
            assert re.search(each.replace("~", SPACE), words), (each, words)
    assert not re.search("You get this|Company|When|Until|Stop these|Open ", plain(mail) + html)


def assert_english(mail, *said: str, subject: str) -> None:
    assert mail["Subject"].strip() == subject, "a long one begins on a line of its own"
    html = body(mail, "html")
    assert '<html lang="en">' in html
    for each in (*said, "You get this because"):
        assert each in plain(mail)
        assert each in html


async def test_an_alert_is_told_to_each_in_their_language_and_each_can_stop_it(posted):
    acme = await make_cast()
    french, other = await pair(acme)
    await asked(acme, *[404] * 12, *[200] * 28)
    await checked(acme)
    async with transaction(EVERYONE) as session:
        ids = (await session.execute(select(AlertLetter.id).where(AlertLetter.partner_id == acme.partner.id))).scalars()
        letters = list(ids)
    for letter in letters:
        await alert_jobs.mail(str(letter))
    assert_french(
        await only(posted, french), "12 requêtes sur 40", "Entreprise", "Vous recevez cet e-mail",
        f"Depuis le {MOMENT}", "Ouvrir les requêtes", subject=r"\[Avertissement\] 30~% des requêtes d.API échouent",
    )  # fmt: skip
    assert_english(await only(posted, other), "12 of 40 requests", subject="[Warning] 30 % of API requests fail")
    for actor, words in ((french, "Ne plus recevoir ces e-mails"), (other, "Stop these letters")):
        mail, link = await only(posted, actor), letter_preferences.link(actor.id, LetterKind.ALERTS)
        assert mail["List-Unsubscribe"] == f"<{link}>"
        assert f'<a href="{link}" style="color:#60646c">{words}</a>' in body(mail, "html")
        assert re.search(rf"{words}\u00a0?:\n{re.escape(link)}\n", body(mail, "plain"))
        async with transaction(EVERYONE) as session:
            await letter_preferences.stop(session, link.rpartition("/")[2])
    for letter in letters:
        await alert_jobs.mail(str(letter))
    assert len(posted.mails) == 2
    assert language() == ENGLISH


async def test_several_alerts_and_the_end_of_a_key_have_their_words(posted):
    acme = await make_cast()
    french, _ = await pair(acme)
    moment = now()
    await used(acme, 9_500)
    await key_until(acme, moment + timedelta(days=2))
    await checked(acme, moment)
    async with transaction(EVERYONE) as session:
        [letter] = (await session.execute(select(AlertLetter.id).where(AlertLetter.member_id == french.id))).scalars()
    await alert_jobs.mail(str(letter))
    assert_french(
        await only(posted, french), f"La clé d.API Checkout expire le {MOMENT}", "Ouvrir les alertes",
        "une fois toutes les 15 minutes", subject=r"\[Avertissement\] 2 alertes",
    )  # fmt: skip


async def test_a_notice_of_an_endpoint_is_told_to_each_in_their_language(posted):
    acme = await make_cast()
    french, other = await pair(acme, Role.PARTNER_DEVELOPER)
    endpoint, _ = await endpoint_of(acme, NOWHERE, livemode=False, description="Commandes")
    await emit(acme, livemode=False)
    for status in (500, 500, 500, 500, 200, 410):
        if status == 410:
            await emit(acme, livemode=False)
        [claim] = await claim_for(endpoint)
        await settle(answered(claim, status))
        await due_now(claim.delivery_id)
    statement = select(Event).where(Event.partner_id == acme.partner.id, Event.type.startswith(notices.FAMILY))
    async with transaction(EVERYONE) as session:
        told = list((await session.execute(statement.order_by(Event.sequence))).scalars())
    for event in told:
        for actor in (french, other):
            await notice_jobs.mail(str(event.id), str(actor.id))
    failing, recovered, disabled = posted.to(await address_of(french))
    assert_french(
        failing, "Dernière réponse", "500", "Mode", "Test", MOMENT, "Un message a maintenant échoué quatre fois",
        subject=r"\[Test\] Un point de terminaison de webhook échoue~: Commandes",
    )  # fmt: skip
    assert_french(recovered, f"En échec depuis.*{MOMENT}", subject=r"\[Test\] .* fonctionne de nouveau~: Commandes")
    assert_french(disabled, "Le récepteur a répondu 410 Gone.", subject=r"\[Test\] .* a été désactivé~: Commandes")
    english = posted.to(await address_of(other))
    assert_english(english[0], "Last answer", subject="[Test] A webhook endpoint is failing: Commandes")
    assert told[2].data["object"]["disabled_reason"] == "The receiver answered 410 Gone.", "an event is data"
    await quiet(acme)


async def test_a_threshold_is_told_to_each_in_their_language(posted):
    month = fresh_month()
    acme = await billed_cast(month)
    french, other = await pair(acme)
    await warn(french, [50])
    sql = """insert into usage_counters (partner_id, livemode, metric, month, used)
             values (:p, true, 'documents', :m, 5000)"""
    async with transaction(EVERYONE) as session:
        await session.execute(text(sql), {"p": acme.partner.id, "m": month.first})
    await check(acme, month.starts + timedelta(days=1))
    statement = select(BillingNotice.id).where(BillingNotice.partner_id == acme.partner.id)
    async with transaction(EVERYONE) as session:
        [notice] = (await session.execute(statement)).scalars()
    for actor in (french, other):
        await billing_jobs.mail(str(notice), str(actor.id))
    assert_french(
        await only(posted, french), "5~000 documents", r"Mois", MOMENT, "Ouvrir la consommation",
        subject="Un seuil de consommation est atteint~: 50~% des documents de ce mois sont consommés.",
    )  # fmt: skip
    assert not re.search(f"{month.first:%B}", body(await only(posted, french), "plain"))
    assert_english(
        await only(posted, other), "5,000 documents", f"{month.first:%B %Y}",
        subject="A usage threshold was reached: 50 % of this month's documents are used.",
    )  # fmt: skip


async def test_an_export_is_told_in_the_language_of_who_asked(posted):
    acme = await make_cast()
    for actor in await pair(acme, Role.PARTNER_ANALYST):
        export = await written(actor)
        await export_jobs.mail(str(export.id))
        mail = await only(posted, actor)
        assert letter_preferences.link(actor.id, LetterKind.EXPORTS) in body(mail, "plain")
        if mail["Subject"].startswith("Your"):
            assert_english(mail, "Until", "Rows", subject="Your export is ready: documents")
        else:
            assert_french(mail, "Lignes", f"Jusqu.au.*{MOMENT}", subject="Votre export est prêt~: documents")
    assert {mail["Subject"][:2] for mail in posted.mails} == {"Vo", "Yo"}


async def test_a_reset_factor_is_told_in_the_language_of_whose_it_was(posted):
    french, other = await pair(await make_cast())
    for actor in (french, other):
        await member_jobs.mail_factor_reset(str(actor.id), "2026-11-27T10:00:00+00:00")
    assert_french(
        await only(posted, french), "27 novembre 2026 à 10:00 UTC", "Se connecter",
        subject="Votre second facteur a été réinitialisé",
    )  # fmt: skip
    assert_english(await only(posted, other), "2026-11-27 10:00 UTC", subject="Your second factor was reset")


@pytest.mark.parametrize(("code", "said"), [("fr", "Inès Moreau vous invite à"), ("", "Inès Moreau invites you to")])
async def test_an_invitation_is_in_the_language_of_who_invites(posted, code, said):
    acme = await make_cast()
    boss, _ = await pair(acme)
    await speaks(boss.id, code)
    address = f"{uuid4().hex}@people.example"
    async with transaction(boss.tenancy) as session:
        row, link = await invitees.invite(session, boss, email=address, name="", role=Role.PARTNER_DEVELOPER)
    await member_jobs.mail_invitation(str(row.id))
    [mail] = posted.to(address)
    assert said in mail["Subject"]
    assert link in body(mail, "plain")
    if code:
        assert_french(mail, "Développeur", f"Jusqu.au.*{MOMENT}", "Rejoindre", subject=".*")
    else:
        assert_english(mail, "Developer", "Until", subject=f"Inès Moreau invites you to {acme.partner.name}")
