"""People who sign in with browsers that keep what they are given."""

from dataclasses import replace

from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.known_browsers import KnownBrowser
from backoffice.services import known_browsers, sign_in
from backoffice.services.sessions import Visitor
from tests.services.people import PASSWORD, Person, visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WRONG = "not the password at all"


def with_(browser: str, *, agent: str = FIREFOX) -> Visitor:
    """Somebody at a fresh address, with what their browser keeps."""
    return replace(visitor(), browser=browser, user_agent=agent)


async def enter(person: Person, who: Visitor | None = None, password: str = PASSWORD) -> sign_in.Step:
    """Sign in, with both steps where there are two."""
    who = who or with_("")
    step = await sign_in.with_password(person.email, password, who)
    return step if step.is_complete else await sign_in.with_code(step.secret, person.code(), who)


async def known(person: Person) -> list[KnownBrowser]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(KnownBrowser).where(KnownBrowser.member_id == person.id).order_by(KnownBrowser.id)
        return list((await session.execute(statement)).scalars())


async def is_known(person: Person, browser: str) -> bool:
    async with transaction(Tenancy.everyone()) as session:
        return await known_browsers.find(session, person.id, browser) is not None


async def entries(person: Person, action: str) -> int:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.id).where(AuditEntry.subject_id == person.id, AuditEntry.action == action)
        return len((await session.execute(statement)).all())


async def letters(person: Person) -> list[str]:
    """What waits to be told to somebody about new browsers."""
    statement = text(
        "select convert_from(payload, 'utf8') from pgqueuer where entrypoint = 'member.mail_new_browser'"
        " and convert_from(payload, 'utf8') like :member"
    )
    async with transaction(Tenancy.everyone()) as session:
        return list((await session.execute(statement, {"member": f"%{person.id}%"})).scalars())
