"""Row 10: who asks at the door cannot tell a known address from an unknown one, by words or by the clock."""

import itertools
import secrets
import time
from statistics import median

import httpx2
import pytest

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Member, Role
from backoffice.services import sign_in_limits
from backoffice.services.sign_in_limits import PER_ACCOUNT_AND_ADDRESS, RESETS_PER_ADDRESS
from tests.services.people import make_person

pytestmark = pytest.mark.usefixtures("database")
PAIRS = 42
WARM_UP = 3
ROUNDS = 3
"""A difference that is there shows in every round; what else a machine does is over in one of them."""
SECONDS, SHARE = 0.005, 0.25
VOLATILE = {"date", "x-request-id"}
_here = itertools.count(1)


def asker(web) -> httpx2.AsyncClient:
    """Come from another address than everybody else, so that nobody's tries are counted with ours."""
    transport = httpx2.AsyncHTTPTransport(local_address=f"127.91.{secrets.randbelow(250)}.{next(_here) % 250 + 1}")
    return httpx2.AsyncClient(base_url=web.url, headers={"Origin": web.url}, transport=transport, timeout=60)


async def known() -> list[str]:
    """Name who signs in with a password alone, with a second factor, and who is shut out."""
    people = [await make_person(role) for role in (Role.PARTNER_ANALYST, Role.OPERATOR, Role.PARTNER_DEVELOPER)]
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Member, people[2].id)).disabled_at = now()
    return [person.email for person in people]


def unknown(email: str) -> str:
    """Write an address as long as another one that nobody has."""
    return secrets.token_hex(len(email))[: len(email.partition("@")[0])] + "@" + email.partition("@")[2]


async def timed(client, path: str, form: dict[str, str]) -> tuple[float, tuple[object, ...]]:
    began = time.perf_counter()
    answer = await client.post(path, data=form)
    seconds = time.perf_counter() - began
    kept = {name: value for name, value in answer.headers.items() if name not in VOLATILE}
    return seconds, (answer.status_code, kept, answer.content)


async def asked(web, path: str, emails: list[str], *, per_client: int, **form: str) -> tuple[list[float], list[float]]:
    """Ask for each address and for an unknown one beside it, in turns of either order; every answer is the same."""
    real, ghost, answers = [], [], []
    for start in range(0, len(emails), per_client):
        async with asker(web) as client:
            for number, email in enumerate(emails[start : start + per_client]):
                pair = [(email, real), (unknown(email), ghost)]
                for address, times in pair if number % 2 else pair[::-1]:
                    seconds, answer = await timed(client, path, {"email": address, **form})
                    times.append(seconds)
                    answers.append(answer)
    assert all(answer == answers[0] for answer in answers), answers
    return real[WARM_UP:], ghost[WARM_UP:]


def apart(real: list[float], ghost: list[float]) -> float:
    """Say how far two medians lie apart, as a share of what is allowed."""
    one, other = median(real), median(ghost)
    return abs(one - other) / max(SECONDS, SHARE * min(one, other))


def test_10_the_measure_finds_what_it_looks_for():
    slow, quick = [0.0208] * PAIRS, [0.0002] * PAIRS
    assert apart(slow, quick) > 1
    assert apart(slow, [0.0249] * PAIRS) < 1
    assert apart([0.1] * PAIRS, [0.13] * PAIRS) > 1


async def alike(web, path: str, *, per_client: int, **form: str) -> None:
    found = []
    for _ in range(ROUNDS):
        emails = [email for _ in range(PAIRS // 6) for email in await known() for _ in range(2)]
        found.append(apart(*await asked(web, path, emails, per_client=per_client, **form)))
        if found[-1] < 1:
            return
    raise AssertionError(f"{path} tells a known address from an unknown one, in shares of what is allowed: {found}")


async def test_10_the_sign_in_answers_alike_in_words_and_time(web):
    await alike(web, "/auth/login", per_client=PAIRS, password="not the password at all")


async def test_10_the_reset_answers_alike_in_words_and_time(web):
    await alike(web, "/auth/reset", per_client=RESETS_PER_ADDRESS // 2)


@pytest.mark.parametrize(("path", "most"), [("/auth/login", PER_ACCOUNT_AND_ADDRESS), ("/auth/reset", 3)])
async def test_10_who_asks_too_often_hears_the_same(web, path, most):
    assert sign_in_limits.RESETS_PER_ACCOUNT == 3
    email, heard = (await known())[0], []
    for address in (email, unknown(email)):
        async with asker(web) as client:
            form = {"email": address, "password": "not the password at all"}
            answers = [(await timed(client, path, form))[1] for _ in range(most + 2)]
        heard.append([(status, content.replace(address.encode(), b"")) for status, _, content in answers])
    assert heard[0] == heard[1]
