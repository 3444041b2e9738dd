"""How fast one may ask: told on every answer, held exactly, and what happens while Redis is frozen or dead."""

import asyncio
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from backoffice.adapters import embedded, limiter, live, metrics
from backoffice.adapters.limiter import Group
from backoffice.api import limits
from backoffice.models.base import Prefix, public_id
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS, TOGETHER, RequestPolicy
from backoffice.settings import settings
from tests.api.world import files, make_world

URL = "/api/v1/documents"
POLICY = re.compile(
    r'"burst";q=(\d+);w=(\d+), "daily";q=(\d+);w=86400, '
    r'"partner";q=(\d+);w=(\d+), "partner-daily";q=(\d+);w=86400'
)
LIMIT = re.compile(
    r'"burst";r=(\d+);t=(\d+), "daily";r=(\d+);t=(\d+), "partner";r=\d+;t=\d+, "partner-daily";r=\d+;t=\d+'
)


def left(answer):
    burst, _, daily, _ = map(int, LIMIT.fullmatch(answer.headers["ratelimit"]).groups())
    return burst, daily


@pytest.mark.parametrize("plan", Plan)
async def test_both_policies_of_the_plan_are_told(client, plan):
    known, world = PLANS[plan], await make_world(plan=plan)
    answer = await client.get(URL, headers=await world.headers())
    burst, window, daily, together, same, all_day = map(
        int, POLICY.fullmatch(answer.headers["ratelimit-policy"]).groups()
    )
    assert (burst, window, daily) == (known.burst, known.burst // known.per_second, known.per_day)
    assert (together, same, all_day) == (known.burst * TOGETHER, window, known.per_day * TOGETHER)
    assert left(answer) == (known.burst - 1, known.per_day - 1)


async def test_a_refusal_says_which_policy_and_how_long_and_costs_nothing_else(client):
    world = await make_world(plan=Plan.FREE)
    headers = await world.headers()
    answers = [await client.get(URL, headers=headers)]
    while answers[-1].status_code == 200 and len(answers) < 1_000:
        answers.append(await client.get(URL, headers=headers))
    refused, passed = answers[-1], len(answers) - 1
    body = refused.json()
    assert passed >= PLANS[Plan.FREE].burst
    assert (refused.status_code, body["code"], body["violated-policies"]) == (429, "too_many_requests", ["burst"])
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    wait = int(refused.headers["retry-after"])
    assert re.match(rf'"burst";r=[01];t={wait}, ', refused.headers["ratelimit"])  # a moment has passed since
    per_day = PLANS[Plan.FREE].per_day
    assert per_day - passed <= left(refused)[1] <= per_day - passed + 1


@pytest.mark.parametrize("which", [0, 1])
async def test_more_keys_are_no_larger_plan(client, which):
    world = await make_world(plan=Plan.FREE)
    allowed, policy = PLANS[Plan.FREE], PLANS[Plan.FREE].together[which]
    whole = Group(f"partner:{world.partner_id}:live", (RequestPolicy(policy.name, 1, 2 * 86_400),))
    assert (await limiter.take("key:another", (), whole))[0].is_allowed  # as if other keys had used it up
    refused = await client.get(URL, headers=await world.headers("a fresh key"))
    assert (refused.status_code, refused.json()["violated-policies"]) == (429, [policy.name])
    assert left(refused) == (allowed.burst, allowed.per_day)
    assert int(refused.headers["retry-after"]) >= 1
    for other in (await world.headers("test", livemode=False), await (await make_world(plan=Plan.FREE)).headers()):
        assert (await client.get(URL, headers=other)).status_code == 200


WRITING = ("write", "partner-write")
WRITE, CHANGE = "/api/v1/verifications", "/api/v1/applicants/app_nobody"
"""Both refuse what the tests send, which counts all the same."""


def told(answer):
    """Names and quotas of the policies on an answer."""
    return dict(re.findall(r'"([a-z-]+)";q=(\d+);', answer.headers["ratelimit-policy"]))


@pytest.mark.parametrize("plan", Plan)
@pytest.mark.parametrize(
    ("method", "url", "writes"),
    [("GET", URL, 0), ("GET", CHANGE, 0), ("POST", WRITE, 1), ("PATCH", CHANGE, 1), ("DELETE", CHANGE, 1)],
)
async def test_a_policy_for_writing_is_told_of_requests_that_write_alone(client, plan, method, url, writes):
    known, world = PLANS[plan], await make_world(plan=plan)
    answer = await client.request(method, url, headers=await world.headers())
    assert [name in told(answer) for name in WRITING] == [bool(writes)] * 2
    if writes:
        assert int(told(answer)["write"]) == known.requests[0].quota == known.writing.quota
        assert int(told(answer)["partner-write"]) == known.writing.quota * TOGETHER


@pytest.mark.parametrize(("at_once", "seconds"), [(100, 1), (50, 10)])
async def test_writing_is_refused_no_sooner_than_reading(client, at_once, seconds):
    headers, statuses = await (await make_world(plan=Plan.STANDARD)).headers(), []
    for _ in range(seconds):
        began = time.monotonic()
        answers = await asyncio.gather(*(client.post(WRITE, headers=headers) for _ in range(at_once)))
        statuses += [one.status_code for one in answers]
        await asyncio.sleep(max(0, began + 1 - time.monotonic()))
    assert len(statuses) == at_once * seconds
    assert 429 not in statuses


async def test_what_was_read_is_not_counted_as_written(client):
    world = await make_world(plan=Plan.FREE)
    headers, allowed = await world.headers(), PLANS[Plan.FREE].writing.quota
    assert (await client.get(URL, headers=headers)).status_code == 200
    answers = [await client.post(WRITE, headers=headers) for _ in range(2)]
    assert re.search(rf'"write";r={allowed - 2};', answers[-1].headers["ratelimit"])
    while (refused := await client.post(WRITE, headers=headers)).status_code != 429:
        pass
    assert "burst" in refused.json()["violated-policies"], "by itself writing refuses nothing"


async def test_reading_uses_up_nothing_of_writing(client):
    world = await make_world(plan=Plan.FREE)
    headers = await world.headers()
    while (await client.get(URL, headers=headers)).status_code == 200:
        pass
    refused = await client.post(WRITE, headers=headers)
    assert refused.json()["violated-policies"] == ["burst"]
    assert re.search(rf'"write";r={PLANS[Plan.FREE].writing.quota};', refused.headers["ratelimit"])


async def test_all_keys_together_write_no_more_than_the_plan(client):
    world = await make_world(plan=Plan.FREE)
    whole = Group(f"partner:{world.partner_id}:live", (RequestPolicy("partner-write", 1, 2 * 86_400),))
    assert (await limiter.take("key:another", (), whole))[0].is_allowed  # as if other keys had used it up
    headers = await world.headers("a fresh key")
    refused = await client.post(WRITE, headers=headers)
    assert (refused.status_code, refused.json()["violated-policies"]) == (429, ["partner-write"])
    assert (await client.get(URL, headers=headers)).status_code == 200


async def test_the_day_ends_too(client):
    world = await make_world(plan=Plan.FREE)
    headers = await world.headers()
    await client.get(URL, headers=headers)
    name = f"key:{public_id(Prefix.API_KEY, world.key_ids['live'])}"
    daily = PLANS[Plan.FREE].requests[1:]
    group = Group(f"partner:{world.partner_id}:live", (RequestPolicy("partner", 10**9, 1),))
    while (await limiter.take(name, daily, group))[0].is_allowed:
        pass
    body = (await client.get(URL, headers=headers)).json()
    assert (body["code"], body["violated-policies"]) == ("too_many_requests", ["daily"])


async def test_every_answer_without_a_key_counts_by_address(client):
    for path in (URL, "/api/v1/nothing", "/api/v1/openapi.json", "/api/v1/files/nothing"):
        answer = await client.get(path)
        assert re.fullmatch(r'"address";q=600;w=60', answer.headers["ratelimit-policy"]), path
        assert re.fullmatch(r'"address";r=\d+;t=\d+', answer.headers["ratelimit"]), path


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", "nonsense", True),
    ],
)
def test_an_ipv6_network_is_one_caller(one, other, is_same):
    assert (limits._site(one) == limits._site(other)) is is_same


# While Redis is away


@dataclass
class Valkey:
    folder: Path

    @property
    def process(self):
        return psutil.Process(int((self.folder / "valkey" / "valkey.pid").read_text()))

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def kill(self):
        process = self.process
        process.kill()
        process.wait(5)


@pytest.fixture
async def valkey(database, tmp_path, monkeypatch):
    """A Valkey of this test's own."""
    with embedded.embedded_valkey(tmp_path) as url:
        await live.close()
        monkeypatch.setenv("BACKOFFICE_REDIS_URL", url)
        monkeypatch.setenv("BACKOFFICE_WEB_WORKERS", "2")
        monkeypatch.setattr(limits, "_local", limits.LocalLimiter())
        settings.cache_clear()
        own = Valkey(tmp_path)
        try:
            yield own
        finally:
            if embedded.is_valkey_running(tmp_path):
                own.process.send_signal(signal.SIGCONT)
            await live.close()
            monkeypatch.undo()
            settings.cache_clear()


def counted(kind, result):
    return metrics.limited_locally.labels(kind, result)._value.get()


async def scripts_run():
    found = await live.redis_client().info("commandstats")
    return sum(row["calls"] for name, row in found.items() if name.startswith(("cmdstat_eval", "cmdstat_publish")))


@pytest.mark.parametrize("how", ["freeze", "kill"])
async def test_a_known_key_goes_on_at_its_share(client, valkey, how):
    world = await make_world(plan=Plan.FREE)
    headers = await world.headers()
    await client.get(URL, headers=headers)
    before = counted("key", "allowed"), counted("key", "refused")
    getattr(valkey, how)()
    statuses = [(await client.get(URL, headers=headers)).status_code for _ in range(40)]
    share = PLANS[Plan.FREE].burst // 2
    assert statuses[:share] == [200] * share
    assert statuses.count(429) > 0
    after = counted("key", "allowed"), counted("key", "refused")
    assert after[0] - before[0] == statuses.count(200)
    assert after[1] - before[1] == statuses.count(429)


@pytest.mark.parametrize("how", ["freeze", "kill"])
async def test_writing_has_its_share_while_nobody_counts_for_all(client, valkey, how):
    world = await make_world(plan=Plan.FREE)
    headers, share = await world.headers(), PLANS[Plan.FREE].writing.quota // 2
    await client.get(URL, headers=headers)
    getattr(valkey, how)()
    answers = [await client.post(WRITE, headers=headers) for _ in range(share + 1)]
    assert [one.status_code == 429 for one in answers] == [False] * share + [True]
    assert answers[-1].json()["violated-policies"] == ["burst", "write"]


async def test_only_the_first_request_waits_and_the_twentieth_does_not_even_ask(client, valkey):
    world = await make_world(plan=Plan.ENTERPRISE)
    headers = await world.headers()
    await client.post(URL, headers=headers, files=files())
    asked, failures = await scripts_run(), metrics.redis_failures._value.get()
    valkey.freeze()
    times = []
    for _ in range(20):
        began = time.perf_counter()
        assert (await client.get(URL, headers=headers)).status_code == 200
        times.append(time.perf_counter() - began)
    assert (await client.post(URL, headers=headers, files=files())).status_code == 201
    assert metrics.redis_failures._value.get() - failures == 1
    assert times[0] >= live.ANSWER_SECONDS * 0.9
    assert sum(times[1:]) < times[0] * 10, "nineteen that waited would need nineteen times as long"
    valkey.process.send_signal(signal.SIGCONT)
    await until_back(client, headers)
    assert await scripts_run() - asked <= 3, "one that was never answered, one that was, and the call to read anew"


async def test_it_is_back_within_moments_and_listeners_are_told_to_read_anew(client, valkey):
    world = await make_world(plan=Plan.ENTERPRISE)
    headers = await world.headers()
    await client.get(URL, headers=headers)
    told = asyncio.Event()

    async def listen():
        async for name in live.listen():
            if name == live.RESYNC:
                told.set()

    task = asyncio.create_task(listen())
    while not (await live.redis_client().pubsub_numsub(live.CHANNEL))[0][1]:
        await asyncio.sleep(0.01)
    valkey.freeze()
    await client.get(URL, headers=headers)
    valkey.process.send_signal(signal.SIGCONT)
    await until_back(client, headers)
    async with asyncio.timeout(10):
        await told.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_back(client, headers):
    before, give_up = counted("key", "allowed"), time.monotonic() + 10
    while True:
        answer = await client.get(URL, headers=headers)
        if counted("key", "allowed") == before:
            break
        before = counted("key", "allowed")
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)
    assert answer.status_code == 200


@pytest.mark.parametrize("how", ["freeze", "kill"])
async def test_guessing_keys_is_slower_while_nobody_counts_for_all(client, valkey, how):
    await client.get(URL)
    getattr(valkey, how)()
    statuses = [(await client.get(URL, headers={"Authorization": "Bearer kyc_live_x"})).status_code for _ in range(40)]
    assert 1 <= statuses.count(401) <= 30 // 2 + 1
    assert statuses[-1] == 429
    refused = await client.get(URL)
    assert refused.headers["ratelimit-policy"] == '"address";q=30;w=60'
    assert int(refused.headers["retry-after"]) >= 1
