"""A rival's administrator at the raw socket: every page, every handler, with all that names the other company."""

from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.models.alerts import Alert
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.exports import ExportFormat, ExportKind
from backoffice.models.members import Role
from backoffice.services import custom_role_changes, document_tags, exports, invitations, saved_views
from backoffice.services.access import Actor, Permission
from tests.api.estate import API_REQUEST, Estate
from tests.api.world import applicant, files, make_world
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import ROOT, tab
from tests.services.people import actor_of, make_person
from tests.test_outsider_socket import OURS, handlers

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(400), pytest.mark.slow]
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
PARTNER_STATES = f"{OURS}___partner___"
SENT = f"sent{uuid4().hex[:10]}"
"""Names things of the other company, and is asked for: it comes back as an echo."""
SECRET = f"secret{uuid4().hex[:10]}"
"""Stands in what a person has written there, and is never sent."""
NAMES = "select table_name from information_schema.columns where column_name = 'partner_id' and table_schema = 'public'"
PATIENCE = 60
LOGGED_LATER = {"api_requests", "key_networks"}
"""Their own calls, and where from, are written down a moment after they were answered."""
NAMED_ON_SCREENS = (
    Prefix.DOCUMENT, Prefix.FILE, Prefix.APPLICANT, Prefix.WEBHOOK_ENDPOINT, Prefix.DELIVERY, Prefix.API_KEY,
    Prefix.INVOICE, Prefix.QUESTION, API_REQUEST, "member", "view", "export", "invitation", "alert", "role", "sent",
)  # fmt: skip
WORDS = {
    Prefix.DOCUMENT: "document", Prefix.FILE: "file", Prefix.APPLICANT: "applicant", Prefix.DELIVERY: "delivery",
    Prefix.WEBHOOK_ENDPOINT: "endpoint", Prefix.API_KEY: "key", Prefix.INVOICE: "invoice",
    Prefix.QUESTION: "question", API_REQUEST: "request",
}  # fmt: skip


@pytest.fixture(scope="module")
async def estate(web, database):
    """A company with one of everything, and who administers it."""
    world = await make_world()
    person = await make_person(Role.PARTNER_ADMIN, world.partner_id)
    async with httpx2.AsyncClient(base_url=web.url, timeout=30) as client:
        made = Estate(client, world, livemode=True)
        made._document, other = [
            (
                await client.post(
                    "/api/v1/documents",
                    headers=await made.headers(),
                    files=files(),
                    data={"applicant": applicant(surname=SECRET), "external_id": f"{SENT}-{number}"},
                )
            ).json()
            for number in (1, 2)
        ]
        await made.everything()
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(
            text("update webhook_endpoints set description = :m, url = :u where partner_id = :p"),
            {"m": SECRET, "u": f"http://127.0.0.1:9/{SECRET}", "p": world.partner_id},
        )
        await session.execute(text("update partners set name = :m where id = :p"), {"m": SECRET, "p": world.partner_id})
        await session.execute(text("update members set name = :m where id = :p"), {"m": SECRET, "p": person.id})
    await _what_only_screens_make(made, actor_of(person))
    await _show_the_owner(web, person)
    return made, (SECRET, other["id"], other["applicant_id"], other["verification_id"], other["files"][0]["id"])


async def _what_only_screens_make(made: Estate, actor: Actor) -> None:
    document_id = parse_public_id(Prefix.DOCUMENT, made.ids[Prefix.DOCUMENT])
    asked = exports.Asked(
        kind=ExportKind.DOCUMENTS, format=ExportFormat.CSV, livemode=True, filters={"q": SENT}, press=uuid4()
    )
    key = await exports.wrap_key(made.world.partner_id)
    async with transaction(actor.tenancy) as session:
        await document_tags.add(session, actor, document_id, SENT)
        view = await saved_views.keep(session, actor, SECRET, {"tag": SENT})
        export = await exports.begin(session, actor, asked, key)
        role = await custom_role_changes.create(session, actor, name=SECRET, permissions=[Permission.DOCUMENTS_READ])
        invited, _ = await invitations.create(
            session, actor, email=f"{SECRET}@example.test", name=SECRET, role=Role.PARTNER_ANALYST,
            partner_id=made.world.partner_id,
        )  # fmt: skip
    async with transaction(Tenancy.everyone()) as session:
        alert = Alert(
            partner_id=made.world.partner_id,
            kind="webhook_failing",
            subject_id=made.world.partner_id,
            severity="critical",
            detail={"name": SECRET},
        )
        session.add(alert)
    made.ids |= {"member": public_id(Prefix.MEMBER, actor.id)}
    made.ids |= {"export": public_id(Prefix.EXPORT, export.id), "alert": public_id(Prefix.ALERT, alert.id)}
    made.ids |= {"view": str(view.id), "invitation": str(invited.id), "role": str(role.id), "sent": SENT}


async def _show_the_owner(web, person) -> None:
    """See that the secrets are on the screens of those whose they are."""
    async with (
        signed_in(web, Role.PARTNER_ADMIN, person) as (_, client),
        tab(web.url, cookie=cookie_of(client), path="/partner/developers/webhooks") as owner,
    ):
        await owner.until(lambda one: SECRET in one.everything)


async def belongings(made: Estate) -> dict[str, str]:
    """A fingerprint of every row of theirs, by table."""
    found: dict[str, str] = {}
    async with transaction(Tenancy.everyone()) as session:
        for name in sorted({*(await session.execute(text(NAMES))).scalars()} - LOGGED_LATER):
            sql = f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {name} t"
            rows = await session.execute(text(f"{sql} where partner_id = :p"), {"p": made.world.partner_id})
            found[name] = rows.scalar_one()
    return found


def pages(made: Estate) -> list[str]:
    """Every page of the partners' workspace, those of one thing at the other company's."""
    from backoffice.routes import ROUTES

    ids = {"document": made.ids[Prefix.DOCUMENT], "endpoint": made.ids[Prefix.WEBHOOK_ENDPOINT]}
    found = [route.path for route in ROUTES if route.workspace == "partner"]
    for name, value in ids.items():
        found = [path.replace(f"[{name}]", value) for path in found]
    assert not any("[" in path for path in found), "say whose this id is"
    return found


def payloads(function, values: dict[str, str]):
    """The payloads with which a handler is called: what its argument's name says, else each of the ids in turn."""
    from backoffice.state.arguments import arguments_of

    hints = arguments_of(function).hints
    texts = [name for name, hint in hints.items() if hint is str]
    lists = [name for name, hint in hints.items() if "str" in str(hint) and hint is not str]
    plain = {int: 1, float: 1.0, bool: True}
    rest = {name: plain[hint] for name, hint in hints.items() if hint in plain}
    meant = {name for name in NAMED_ON_SCREENS for one in (*texts, *lists) if WORDS.get(name, name) in one}
    for value in [values[name] for name in meant or NAMED_ON_SCREENS] if texts or lists else [""]:
        filled = dict.fromkeys(texts, value)
        filled |= {name: [value] if "list" in str(hints[name]) else {"id": value, "q": value} for name in lists}
        yield rest | filled


async def test_a_rival_reads_and_changes_nothing_by_any_page_or_handler(web, estate):
    estate, secrets = estate
    before = await belongings(estate)
    assert sum(value != "d41d8cd98f00b204e9800998ecf8427e" for value in before.values()) > 15, (
        "an estate worth stealing"
    )
    async with signed_in(web, Role.PARTNER_ADMIN) as (person, client):
        rival = actor_of(person)
        async with tab(web.url, cookie=cookie_of(client), path="/partner") as thief:
            await thief.settle("/partner", PATIENCE)
            for path in pages(estate):
                await _try_page(thief, path, estate)
            called = await _try_handlers(thief, rival, estate)
            assert called > 60
            await thief.settle("/partner", PATIENCE)
            assert thief.is_open
            for secret in secrets:
                assert secret not in thief.everything
    assert await belongings(estate) == before


async def _try_page(thief, path: str, estate: Estate) -> None:
    """Open a page plainly, and with everything that its address could name."""
    for query in (
        {},
        {"q": SENT, "event": estate.ids[Prefix.EVENT]},
        {"tag": SENT, "applicant": estate.ids[Prefix.APPLICANT]},
        {"subject": estate.ids[Prefix.DOCUMENT], "request": estate.ids[API_REQUEST]},
    ):
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        event = thief.event(LOAD, {}, path)
        event["router_data"] |= {"query": query, "asPath": f"{path}?{asked}" if asked else path}
        await thief.say(["event", event])
    await thief.settle(path, PATIENCE)


async def _try_handlers(thief, rival: Actor, estate: Estate) -> int:
    from backoffice.state.gate import audience_of

    called = 0
    for name, function in handlers().items():
        if PARTNER_STATES not in name or name.endswith("setvar") or not audience_of(function).admits(rival):
            continue
        for payload in payloads(function, estate.ids):
            await thief.send(name, payload, "/partner")
        await thief.settle("/partner", PATIENCE)
        called += 1
    return called
