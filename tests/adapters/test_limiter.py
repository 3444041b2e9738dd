"""Several policies at once: exact under many, nothing lost to a refusal, and the same rule with and without Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backoffice.adapters import limiter, live
from backoffice.adapters.limiter import LocalLimiter
from backoffice.models.partners import Plan
from backoffice.models.plans import PLANS, RequestPolicy
from backoffice.settings import settings

BURST = RequestPolicy("burst", 5, 60)
DAILY = RequestPolicy("daily", 8, 86_400)


@pytest.fixture(params=["redis", "local"])
async def take(request, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator:
    """Count by the one and by the other."""
    monkeypatch.setenv("BACKOFFICE_REDIS_URL", valkey_url)
    await live.close()
    settings.cache_clear()
    if request.param == "redis":
        yield limiter.take
    else:
        local = LocalLimiter()

        async def count(name, policies, group=None):
            return local.take(name, policies, group, replicas=1)

        yield count
    await live.close()
    settings.cache_clear()


@pytest.fixture
def name(request) -> str:
    return request.node.name


async def test_what_one_policy_refuses_costs_nothing_at_the_other(take, name):
    for left in (4, 3, 2, 1, 0):
        burst, daily = await take(name, (BURST, DAILY))
        assert (burst.is_allowed, burst.remaining) == (True, left)
        assert (daily.is_allowed, daily.remaining) == (True, left + 3)
    for _ in range(9):
        burst, daily = await take(name, (BURST, DAILY))
        assert (burst.is_allowed, burst.remaining) == (False, 0)
        assert (daily.is_allowed, daily.remaining) == (True, 3)
        assert 1 <= burst.reset_seconds <= 60 / 5


async def test_the_slower_policy_refuses_without_using_up_the_faster(take, name):
    wide = RequestPolicy("burst", 50, 60)
    for _ in range(8):
        assert all(one.is_allowed for one in await take(name, (wide, DAILY)))
    for _ in range(3):
        burst, daily = await take(name, (wide, DAILY))
        assert (burst.is_allowed, daily.is_allowed) == (True, False)
        assert burst.remaining == 50 - 8
        assert daily.reset_seconds > 60


async def test_exactly_the_quota_passes_however_many_ask_at_once(take, name):
    answers = await asyncio.gather(*(take(name, (RequestPolicy("burst", 20, 600), DAILY)) for _ in range(60)))
    allowed = [answer for answer in answers if all(one.is_allowed for one in answer)]
    assert len(allowed) == 8
    assert sorted(daily.remaining for _, daily in allowed) == list(range(8))


@pytest.mark.parametrize("plan", Plan)
async def test_a_whole_burst_of_every_plan_passes_and_no_more(take, name, plan):
    burst, daily = PLANS[plan].requests
    slow = RequestPolicy(burst.name, burst.quota, burst.seconds * 10_000)
    allowed = 0
    while all(one.is_allowed for one in await take(name, (slow, daily))):
        allowed += 1
    assert allowed == burst.quota


async def test_what_was_used_comes_back(take, name):
    quick = RequestPolicy("burst", 2, 1)
    while (await take(name, (quick,)))[0].is_allowed:
        pass
    give_up = asyncio.get_running_loop().time() + 5
    while not (await take(name, (quick,)))[0].is_allowed:
        assert asyncio.get_running_loop().time() < give_up
        await asyncio.sleep(0.02)


async def test_a_group_is_counted_together_and_a_refusal_of_it_costs_its_callers_nothing(take, name):
    group = limiter.Group(f"{name}:all", (RequestPolicy("partner", 6, 60),))
    for one in ("first", "second", "first", "second", "first", "second"):
        assert all(each.is_allowed for each in await take(name + one, (BURST, DAILY), group))
    burst, daily, partner = await take(f"{name}third", (BURST, DAILY), group)
    assert (burst.is_allowed, burst.remaining, daily.is_allowed) == (True, 5, True)
    assert (partner.is_allowed, partner.remaining) == (False, 0)
    assert (await take(f"{name}third", (BURST, DAILY)))[0].remaining == 4
    other = limiter.Group(f"{name}:other", group.policies)
    assert (await take(f"{name}first", (DAILY,), other))[1].remaining == 5


async def test_one_name_does_not_use_up_another(take, name):
    for one in ("acme", "rival"):
        assert (await take(name + one, (RequestPolicy("burst", 1, 60),)))[0].is_allowed


def test_each_replica_grants_its_share_and_never_nothing():
    local = LocalLimiter()
    allowed = [local.take("key", (BURST, DAILY), replicas=2)[0].is_allowed for _ in range(10)]
    assert sum(allowed) == 5 // 2
    assert local.take("other", (BURST,), replicas=100)[0].is_allowed
    assert not local.take("other", (BURST,), replicas=100)[0].is_allowed


def test_names_without_end_need_no_memory_without_end():
    local = LocalLimiter(max_names=100)
    for number in range(1_000):
        local.take(f"address-{number}", (BURST, DAILY), replicas=1)
    assert len(local._full) <= 102


async def test_counters_leave_redis_by_themselves_and_stay_on_one_node(valkey_url, monkeypatch):
    monkeypatch.setenv("BACKOFFICE_REDIS_URL", valkey_url)
    await live.close()
    settings.cache_clear()
    await limiter.take("key:key_1", (BURST, DAILY))
    client = live.redis_client()
    for policy in (BURST, DAILY):
        key = f"backoffice:limit:{{key:key_1}}:key:key_1:{policy.name}"
        assert 0 < await client.pttl(key) <= policy.seconds * 1000
    await live.close()
    settings.cache_clear()


def test_policies_say_what_the_plan_says():
    burst, daily = PLANS[Plan.STANDARD].requests
    assert (burst.name, burst.quota, burst.seconds) == ("burst", 100, 2)
    assert (daily.name, daily.quota, daily.seconds) == ("daily", 200_000, 86_400)
