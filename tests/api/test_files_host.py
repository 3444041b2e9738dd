"""Files from a host of their own: what opens there, what does not, and what the other host has left of them."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from backoffice import clock
from backoffice.api.app import partner_api
from backoffice.api.files_host import FilesHost
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import new_id
from backoffice.models.documents import Rendition, RenditionKind
from backoffice.models.members import Member, Role
from backoffice.services import audit_seals, file_hosts, files, sessions
from backoffice.settings import Settings, settings
from tests.api.world import OPERATOR, make_world, rows, screened
from tests.api.world import files as form_files
from tests.services.people import make_person

pytestmark = pytest.mark.usefixtures("database")
PUBLIC, FILES = "https://kyc.example", "https://files.kyc.example"
LOG = "/exports/audit-log?from=2026-01-01"


@pytest.fixture(scope="module")
def app(database, gate):
    """The routes of files behind the guard, and one for everything else; tests/test_edge.py has the whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKOFFICE_PUBLIC_URL", PUBLIC)
        patch.setenv("BACKOFFICE_FILES_URL", FILES)
        settings.cache_clear()
        own = [Route(path, endpoint=partner_api) for path in ("/files/{token}", "/exports/{it}", "/billing/{it}.pdf")]
        rest = Route("/{rest:path}", endpoint=lambda _: PlainTextResponse("a page"), methods=["GET", "POST"])
        yield FilesHost(Starlette(routes=[*own, Mount("/api/v1", partner_api), rest]))
    settings.cache_clear()


def at(app, address: str) -> httpx2.AsyncClient:
    """Ask under the name of one of the hosts, as a proxy does."""
    return httpx2.AsyncClient(base_url=address, transport=httpx2.ASGITransport(app=app))


@pytest.fixture
async def document(app):
    """A document that has a picture: its world, its JSON."""
    world = await make_world()
    async with at(app, PUBLIC) as client:
        made = await client.post("/api/v1/documents", headers=await world.headers(), files=form_files())
    assert made.status_code == 201, made.text
    await screened(made.json()["id"])
    return world, made.json()


async def person_of(role: Role):
    """Sign somebody in; answers who they are by their session, and their cookie."""
    person = await make_person(role)
    async with transaction(OPERATOR.tenancy) as session:
        member = await session.get(Member, person.id)
        row, secret = await sessions.begin(session, member, sessions.Visitor(), is_complete=True)
    return sessions.actor_of(row, member), {"Cookie": f"__Host-sid={secret}"}


async def ended(actor) -> None:
    async with transaction(OPERATOR.tenancy) as session:
        await sessions.sign_out(session, actor)


async def test_a_key_gets_an_address_on_the_files_host_that_opens_there_alone(app, document):
    world, made = document
    async with at(app, PUBLIC) as here, at(app, FILES) as there:
        for variant in ("view", "original"):
            asked = f"/api/v1/documents/{made['id']}/files/{made['files'][0]['id']}?variant={variant}"
            url = (await here.get(asked, headers=await world.headers())).json()["url"]
            assert url.startswith(f"{FILES}/files/")
            path = url.removeprefix(FILES)
            answer = await there.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("attachment; ")
            assert "sandbox" in answer.headers["content-security-policy"]
            assert answer.headers["cross-origin-resource-policy"] == "same-site"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in answer.headers
            for place in (path, f"/api/v1{path}"):
                assert (await here.get(place, headers=await world.headers())).status_code == 404


async def proven(actor):
    """Give a session another secret; answers who its person is from then on."""
    async with transaction(OPERATOR.tenancy) as session:
        await sessions.renew(session, actor.session_id)
        row = await session.get(sessions.Session, actor.session_id)
        return sessions.actor_of(row, await session.get(Member, actor.id))


async def test_what_the_old_cookie_got_opens_nothing_after_a_step_up(app, document):
    actor, _ = await person_of(Role.REVIEWER)
    auditor, cookie = await person_of(Role.AUDITOR)
    id_ = (await rows("select id from renditions where kind = 'view' order by created_at desc limit 1"))[0].id
    picture = Rendition(id=id_, kind=RenditionKind.VIEW)
    async with transaction(OPERATOR.tenancy) as session:
        await audit_seals.seal(session, OPERATOR)
    async with at(app, PUBLIC) as here, at(app, FILES) as there:
        link = files.file_link(actor, picture).removeprefix(FILES)
        passed = (await here.get(LOG, headers=cookie)).headers["location"].removeprefix(FILES)
        assert [(await there.get(one)).status_code for one in (link, passed)] == [200, 200]
        fresh, _ = await proven(actor), await proven(auditor)
        assert [(await there.get(one)).status_code for one in (link, passed)] == [404, 401]
        assert (await there.get(files.file_link(fresh, picture).removeprefix(FILES))).status_code == 200


async def test_a_picture_opens_without_a_cookie_until_its_session_ends(app, document):
    actor, cookie = await person_of(Role.REVIEWER)
    id_ = (await rows("select id from renditions where kind = 'view' order by created_at desc limit 1"))[0].id
    picture = Rendition(id=id_, kind=RenditionKind.VIEW)
    path = files.file_link(actor, picture).removeprefix(FILES)
    async with at(app, PUBLIC) as here, at(app, FILES) as there:
        assert (await here.get(path, headers=cookie)).status_code == 404
        assert (await there.get(path)).status_code == 200
        assert (await there.get(f"{path[:-2]}AA")).status_code == 404
        await ended(actor)
        assert (await there.get(path)).status_code == 404


async def test_who_is_signed_in_is_sent_there_for_what_pages_link_to(app):
    actor, cookie = await person_of(Role.PARTNER_ADMIN)
    async with transaction(OPERATOR.tenancy) as session:
        await audit_seals.seal(session, OPERATOR)
    async with at(app, PUBLIC) as here, at(app, FILES) as there:
        for place in (LOG, f"/api/v1{LOG}"):
            answer = await here.get(place, headers=cookie)
            assert (answer.status_code, answer.content) == (303, b"")
            assert answer.headers["location"].startswith(f"{FILES}/fetch/")
            assert answer.headers["location"].endswith(LOG)
            assert answer.headers["referrer-policy"] == "no-referrer"
        path = answer.headers["location"].removeprefix(FILES)
        opened = await there.get(path)
        assert opened.status_code == 200, opened.text
        assert opened.headers["content-disposition"].startswith("attachment; ")
        for other in (
            path.replace("2026", "2025"),
            path.replace("audit-log", "exp_x"),
            path.replace("/fetch/", "/fetch/A"),
        ):
            assert (await there.get(other)).status_code == 404
        await ended(actor)
        assert (await there.get(path)).status_code == 401


async def test_who_is_not_signed_in_is_sent_nowhere(app):
    async with at(app, PUBLIC) as here, at(app, FILES) as there:
        for place in (LOG, "/billing/inv_x.pdf", "/api/v1/exports/exp_x"):
            assert (await here.get(place)).status_code == 401
            assert (await there.get(place)).status_code == 404


ELSEWHERE = (
    *("/", "/login", "/account", "/status", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/api/v1/documents"),
    *(
        "/api/v1/files/x",
        LOG,
        "/billing/inv_x.pdf",
        "/fetch/x/login",
        "/fetch/",
        "/files",
        "/_event/?token=aaaaaaaaaaaa",
    ),
)


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_the_files_host_answers_for_nothing_else(app, path):
    world = await make_world()
    _, cookie = await person_of(Role.PARTNER_ADMIN)
    async with at(app, FILES) as there:
        answer = await there.get(path, headers=cookie | await world.headers())
        assert (answer.status_code, answer.text) == (404, "Not found")
        assert (await there.post(path, headers=cookie)).status_code == 404


@pytest.mark.parametrize(
    ("host", "is_files"),
    [
        ("files.kyc.example", True),
        ("FILES.kyc.example:8443", True),
        ("kyc.example", False),
        ("files.kyc.example.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_a_host_is_told_by_its_name(app, host, is_files):
    assert file_hosts.is_files_host(host) is is_files


def test_a_pass_is_for_a_minute_and_for_one_thing(monkeypatch):
    session_id = new_id()
    mark = sessions.mark_of("any")
    token = file_hosts.pass_to(session_id, mark, LOG).partition("/fetch/")[2].partition("/")[0]
    assert file_hosts.read_pass(token, LOG) == (session_id, mark)
    with pytest.raises(NotFound):
        file_hosts.read_pass(token, f"{LOG}&to=2026-02-01")
    later = clock.present() + timedelta(seconds=61)
    monkeypatch.setattr(file_hosts, "present", lambda: later)
    with pytest.raises(NotFound):
        file_hosts.read_pass(token, LOG)


@pytest.mark.parametrize(
    "bad", [PUBLIC, f"{PUBLIC}:8443", "http://files.kyc.example", "files.kyc.example", f"{FILES}/x"]
)
def test_a_host_that_is_none_of_its_own_is_refused(bad):
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        Settings(public_url=PUBLIC, files_url=bad)
    assert Settings(public_url=PUBLIC, files_url=f"{FILES}/").files_url == FILES
