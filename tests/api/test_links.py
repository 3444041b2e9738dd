"""Links to pictures: for one browser, one partner, one moment."""

from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.models.documents import File, Rendition, RenditionKind
from backoffice.models.members import Member, Role
from backoffice.services import documents, files, sessions, tokens, vault
from backoffice.services.access import Actor
from tests.api.world import files as form_files
from tests.api.world import picture, rows_changed

URL = "/api/v1/documents"
EVERYONE = Tenancy.everyone()


async def sign_in(role, partner_id=None):
    member = Member(
        partner_id=partner_id, email=f"{new_id().hex}@example.test", name="Robin", role=role, password_hash="-"
    )
    async with transaction(EVERYONE) as session:
        session.add(member)
        await session.flush()
        row, secret = await sessions.begin(session, member, sessions.Visitor(), is_complete=True)
    return sessions.actor_of(row, member), {"Cookie": f"sid={secret}"}


@pytest.fixture
async def shown(client, acme):
    """A document of acme with the picture that screening would have made."""
    body = (await client.post(URL, headers=await acme.headers(), files=form_files())).json()
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, Actor.system(), document_id)
        file: File = (await documents.files_of(session, [document_id]))[document_id][0]
        key = await vault.data_key(session, document.applicant_id)
        row_id = new_id()
        row = Rendition(
            id=row_id,
            partner_id=acme.partner_id,
            file_id=file.id,
            kind=RenditionKind.VIEW,
            width=640,
            height=420,
            storage_key=files.storage_key(document, row_id),
        )
        session.add(row)
    await storage_for("default").put(row.storage_key, files.seal_rendition(key, row.id, picture(tint=7)))
    return body, row


async def open_link(client, path, cookie=None):
    return await client.get(f"/api/v1{path}", headers=cookie or {})


async def test_a_reviewer_sees_the_picture_in_their_own_browser_only(client, shown):
    _, rendition = shown
    actor, cookie = await sign_in(Role.REVIEWER)
    _, stranger = await sign_in(Role.REVIEWER)
    path = files.file_link(actor, rendition)
    served = await open_link(client, path, cookie)
    assert served.content == picture(tint=7)
    assert served.headers["content-disposition"] == 'attachment; filename="front-1-view.jpg"'
    assert "sandbox" in served.headers["content-security-policy"]
    assert served.headers["cross-origin-resource-policy"] == "same-origin"
    for other in (None, stranger, {"Cookie": "sid=guess"}):
        assert (await open_link(client, path, other)).status_code == 404


async def test_another_partner_cannot_open_a_link_even_if_it_could_write_one(client, shown, rival):
    _, rendition = shown
    actor, cookie = await sign_in(Role.PARTNER_ADMIN, rival.partner_id)
    assert (await open_link(client, files.file_link(actor, rendition), cookie)).status_code == 404


async def test_a_role_without_the_permission_gets_no_link(shown, acme):
    actor, _ = await sign_in(Role.PARTNER_ANALYST, acme.partner_id)
    with pytest.raises(NotAllowed):
        files.file_link(actor, shown[1])


async def test_a_link_ends_with_the_session_and_with_time(client, shown):
    _, rendition = shown
    actor, cookie = await sign_in(Role.REVIEWER)
    path = files.file_link(actor, rendition)
    past = int(clock.now().timestamp()) - 1
    body = files.BODY.pack(b"r", b"s", rendition.id.bytes, actor.session_id.bytes, past, bytes(8))
    ended = tokens.write(files.TOKEN_PURPOSE, body)
    assert (await open_link(client, f"/files/{ended}", cookie)).status_code == 404
    assert (await open_link(client, path, cookie)).status_code == 200
    async with transaction(EVERYONE) as session:
        row = await session.get(sessions.Session, actor.session_id)
        row.revoked_at = clock.now()
    assert (await open_link(client, path, cookie)).status_code == 404


async def test_a_partner_gets_the_picture_by_its_key(client, acme, shown):
    body, _ = shown
    where = f"{URL}/{body['id']}/files/{body['files'][0]['id']}"
    link = (await client.get(where, headers=await acme.headers())).json()
    served = await client.get("/api/v1" + link["url"].split("/api/v1")[1])
    assert served.content == picture(tint=7)
    assert served.headers["content-type"] == "image/jpeg"


async def test_a_test_clock_makes_no_link_live_longer(client, acme):
    headers = await acme.headers("test", livemode=False)
    await rows_changed("update partners set test_clock_seconds = 864000 where id = :p", p=acme.partner_id)
    body = (await client.post(URL, headers=headers, files=form_files())).json()
    where = f"{URL}/{body['id']}/files/{body['files'][0]['id']}?variant=original"
    link = (await client.get(where, headers=headers)).json()
    path = "/api/v1" + link["url"].split("/api/v1")[1]
    assert (await client.get(path)).status_code == 200
    with clock.at(clock.wall() + files.LINK_LIFE + timedelta(seconds=files.LINK_STEP)):
        assert (await client.get(path)).status_code == 404
