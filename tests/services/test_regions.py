"""What our own people may look at over regions: counts of all, and the data of one at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backoffice.errors import Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.health_counts import PartStatus
from backoffice.models.members import Role
from backoffice.models.review_counts import View
from backoffice.services import fleet, health, queue_counts, regions, review_queue
from backoffice.services.review_queue import Filter
from tests.region_cast import REGIONS, settings_without
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.retention_cast import ended, purged
from tests.services.review_cast import in_review, make_cast, member
from tests.services.test_fleet import call
from tests.services.test_searches import find

pytestmark = pytest.mark.usefixtures("database")


async def two_with(word):
    """The same words at a partner of each region."""
    casts = {region: await make_cast(region) for region in REGIONS}
    return {region: (cast, await in_review(cast, external_id=word)) for region, cast in casts.items()}


@pytest.fixture
def word():
    return f"w{uuid4().hex[:12]}"


async def test_a_search_over_several_regions_is_refused_and_one_in_each_is_not(places, word):
    made = await two_with(word)
    reviewer = await member(made["eu"][0], Role.REVIEWER)
    for by in (Filter(), Filter(q=word), Filter(document_type="passport")):
        with pytest.raises(Invalid) as refusal:
            await call(review_queue.page, reviewer, View.ALL, by=by, q=word)
        assert (refusal.value.code, refusal.value.pointer) == ("crosses_regions", "/region")
        assert "Choose one region" in str(refusal.value)
    with pytest.raises(Invalid, match="not searched together"):
        await call(review_queue.matching, reviewer, View.ALL, by=Filter(q=word), limit=10)
    for region, (cast, task) in made.items():
        for by in (Filter(region=region), Filter(partner_id=cast.partner.id)):
            found = await call(review_queue.page, reviewer, View.ALL, by=by, q=word)
            assert [one.task.id for one in found.rows] == [task.id]
        name = public_id(Prefix.DOCUMENT, task.document_id)
        assert [one.task.id for one in (await call(review_queue.page, reviewer, View.ALL, q=name)).rows] == [task.id]


async def test_the_search_over_everything_says_why_and_still_finds_partners(places, word):
    made = await two_with(word)
    reviewer = await member(made["eu"][0], Role.REVIEWER)
    found = await find(reviewer, word)
    assert "not searched together" in found.refusal
    assert (found.tasks.rows, found.documents.rows) == ([], ())
    for region, (_, task) in made.items():
        found = await find(reviewer, word, region=region)
        assert ([one.task.id for one in found.tasks.rows], found.refusal) == ([task.id], "")
    operator = actor_of(await make_person(Role.OPERATOR))
    slug = made["in"][0].partner.slug
    assert [row.slug for row in (await find(operator, slug)).partners.rows] == [slug]


async def test_a_partners_own_people_search_as_before(places, word):
    made = await two_with(word)
    for cast, task in made.values():
        found = await find(await member(cast, Role.PARTNER_ADMIN), "amara okonkwo")
        assert [row.id for row in found.documents.rows] == [task.document_id]
        assert found.refusal == ""


async def test_counts_are_of_all_regions(places, word):
    made = await two_with(word)
    reviewer = await member(made["eu"][0], Role.REVIEWER)
    totals = await call(queue_counts.totals, reviewer)
    assert totals.by_view[View.ALL] >= 2
    operator = actor_of(await make_person(Role.OPERATOR))
    assert {one.region for one in await call(fleet.lines, operator)} >= set(REGIONS)
    assert (await call(regions.in_use, operator))["eu"] == 1


async def test_one_region_asks_for_no_choice(database, word):
    cast = await make_cast()
    task = await in_review(cast, external_id=word)
    reviewer = await member(cast, Role.REVIEWER)
    assert [one.task.id for one in (await call(review_queue.page, reviewer, View.ALL, q=word)).rows] == [task.id]


async def test_retention_deletes_where_the_files_are(places):
    cast = await make_cast("in")
    old = await ended(cast, age=timedelta(days=1900))
    assert len(places["in"].of(cast.partner.id)) == 1
    run = await purged(old)
    assert (run.documents, run.objects) == (1, 1)
    assert places["in"].objects() == {}
    assert places["eu"].objects() == {}


async def test_health_knows_each_region(places, monkeypatch):
    operator = actor_of(await make_person(Role.OPERATOR))
    for region in REGIONS:
        await in_review(await make_cast(region))
    found = {one.name: one for one in await health.parts(operator)}
    assert (found["Storage"].status, found["Storage"].detail) == (
        PartStatus.OK, "3 regions answer: default, eu, in",
    )  # fmt: skip
    assert all(f"{region}: " in found["Encryption keys"].detail for region in ("default", *REGIONS))
    assert "aws-kms:" in found["Encryption keys"].detail
    settings_without(monkeypatch, "KEK_URL_EU", "STORAGE_URL_IN")
    found = {one.name: one for one in await health.parts(operator)}
    assert (found["Storage"].status, found["Encryption keys"].status) == (PartStatus.DEGRADED,) * 2
    assert found["Storage"].detail == "Does not answer, or is not set up: in"
    assert "eu: cannot be used, and 1 data keys are closed" in found["Encryption keys"].detail


async def test_two_regions_in_one_place_are_found(places, monkeypatch):
    from backoffice.settings import settings

    monkeypatch.setenv("BACKOFFICE_KEK_URL_MARS", str(settings().kek_urls["eu"]))
    monkeypatch.setenv("BACKOFFICE_STORAGE_URL_MARS", settings().storage_urls["in"].get_secret_value())
    settings.cache_clear()
    found = await call(regions.findings, SYSTEM)
    assert found == [
        "The regions in and mars have the same BACKOFFICE_STORAGE_URL: give each its own.",
        "The regions eu and mars have the same BACKOFFICE_KEK_URL: give each its own.",
    ]
