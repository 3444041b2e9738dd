"""What our own people may look at over regions: counts of all, and the data of one at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from backoffice.adapters.storage import storage_for
from backoffice.clock import wall
from backoffice.commands import admin, backups, doctor
from backoffice.db import transaction
from backoffice.errors import Invalid, Unavailable
from backoffice.jobs import expiry, retention
from backoffice.jobs import regions as start
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Upload
from backoffice.models.health_counts import PartStatus
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.review_counts import View
from backoffice.services import fleet, health, partners, purges, queue_counts, regions, review_queue
from backoffice.services.review_queue import Filter
from backoffice.settings import settings
from tests.region_cast import REGIONS, settings_without
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.retention_cast import ended, is_due, purged
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
    assert [*found.tasks.rows, *found.documents.rows] == []
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
    for region, (cast, _) in made.items():  # by name: the list shows no more than 500 of those that all tests left
        shown = await call(fleet.lines, operator, q=cast.partner.name)
        assert [one.region for one in shown if one.id == cast.partner.id] == [region]
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
    monkeypatch.setenv("BACKOFFICE_KEK_URL_MARS", str(settings().kek_urls["eu"]))
    monkeypatch.setenv("BACKOFFICE_STORAGE_URL_MARS", settings().storage_urls["in"].get_secret_value())
    settings.cache_clear()
    found = await call(regions.findings, SYSTEM)
    assert found == [
        "The regions in and mars have the same BACKOFFICE_STORAGE_URL: give each its own.",
        "The regions eu and mars have the same BACKOFFICE_KEK_URL: give each its own.",
    ]


async def test_doctor_and_every_start_say_what_to_set(places, monkeypatch, caplog):
    cast = await make_cast("eu")
    finding = await doctor._regions()
    assert (finding.is_good, finding.says) == (True, "default, eu, in")
    assert await start.check() == []
    settings_without(monkeypatch, "STORAGE_URL_EU")
    finding = await doctor._regions()
    assert (finding.is_good, finding.says) == (False, "1 to set up")
    assert finding.remedy.startswith("Set BACKOFFICE_STORAGE_URL_EU to where the files of the region eu are")
    assert await start.check() == [finding.remedy]
    assert [one.remedy for one in caplog.records if one.message == "region_needs_setting"] == [finding.remedy]
    assert cast.partner.region == "eu"


async def test_doctor_names_a_region_whose_storage_does_not_answer(places, monkeypatch):
    monkeypatch.setenv("BACKOFFICE_STORAGE_URL_EU", "s3://papers?endpoint=http://127.0.0.1:9&region=us-east-1")
    settings.cache_clear()
    finding = await doctor._regions()
    assert not finding.is_good
    assert finding.says.startswith("eu: ")
    assert "BACKOFFICE_STORAGE_URL_EU" in finding.remedy


async def test_the_command_takes_a_partner_on_in_its_region(places, capsys):
    slug = f"r{uuid4().hex[:12]}"
    await admin.create_partner("Fjord Bank", slug, Plan.FREE, "EU")
    assert capsys.readouterr().out.startswith("ptr_")
    async with transaction(SYSTEM.tenancy) as session:
        partner = await partners.by_slug(session, SYSTEM, slug)
    assert partner.region == "eu"
    with pytest.raises(SystemExit, match="There is no region mars"):
        await admin.create_partner("Fjord Bank", f"{slug}x", Plan.FREE, "mars")


def test_a_backup_says_that_regions_are_elsewhere_and_keeps_the_ledgers_that_are_here(tmp_path, monkeypatch, capsys):
    for name, value in {
        "DATA_DIR": tmp_path, "STORAGE_URL_EU": tmp_path / "eu-files", "KEK_URL_EU": tmp_path / "keys" / "eu.json",
        "STORAGE_URL_IN": "s3://kyc-in", "KEK_URL_IN": "/elsewhere/in.json",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"BACKOFFICE_{name}", str(value))
    settings.cache_clear()
    backups._warn_of_what_is_elsewhere(tmp_path)
    said = capsys.readouterr().out.replace("\n", " ")
    assert "the files of the region in;" in said
    assert "the key of the region in;" in said
    assert "region eu" not in said
    place = tmp_path / "unpacked"
    for folder, name in (("eu-files", "anna"), ("documents", "bela")):
        ledger = tmp_path / folder / "ledger" / "erasures"
        ledger.mkdir(parents=True)
        (ledger / f"{name}.json").write_text("{}")
    backups._merge_ledgers(place, tmp_path)
    assert sorted(path.name for path in place.rglob("*.json")) == ["anna.json", "bela.json"]
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_region_that_is_away_keeps_its_own_documents_and_nobody_else_s(places, monkeypatch):
    away, here = await make_cast("eu"), await make_cast("in")
    oldest = [await ended(away, age=timedelta(days=1901 + number)) for number in range(3)]
    other = await ended(here, age=timedelta(days=1900))
    monkeypatch.setitem(purges.due.__kwdefaults__, "limit", 2)
    settings_without(monkeypatch, "STORAGE_URL_EU")
    for _ in range(50):
        run = await retention.run()
        if not await is_due(other):
            break
    assert run.by_partner.get(public_id(Prefix.PARTNER, here.partner.id)) == 1
    assert [await is_due(one) for one in oldest] == [True] * 3
    assert len(places["eu"].of(away.partner.id)) == 3


async def staged_and_over(cast):
    """A place for a file that nobody can write to any more, of a document that does not wait for it."""
    task = await in_review(cast)
    async with transaction(SYSTEM.tenancy) as session:
        session.add(
            Upload(
                partner_id=cast.partner.id, document_id=task.document_id, position=9, side="front",
                storage_key=f"uploads/{new_id()}", expires_at=wall() - timedelta(days=2),
            )
        )  # fmt: skip


async def places_of(cast):
    async with transaction(SYSTEM.tenancy) as session:
        statement = select(func.count()).select_from(Upload).where(Upload.partner_id == cast.partner.id)
        return (await session.execute(statement)).scalar_one()


async def test_staged_files_of_others_go_while_a_region_is_away(places, monkeypatch):
    away, here = await make_cast("eu"), await make_cast("in")
    for cast in (away, here):
        await staged_and_over(cast)
    settings_without(monkeypatch, "STORAGE_URL_EU")
    await expiry.discard_uploads()
    assert await places_of(here) == 0
    assert await places_of(away) == 1


@pytest.mark.parametrize("url", ["gs://papers/files", "https://s3.example/papers"])
async def test_a_wrong_address_stops_its_region_and_no_process(places, monkeypatch, url):
    monkeypatch.setenv("BACKOFFICE_STORAGE_URL_EU", url)
    settings.cache_clear()
    with pytest.raises(Unavailable) as refused:
        storage_for("eu")
    assert refused.value.code == "region_unavailable"
    assert "BACKOFFICE_STORAGE_URL_EU" in regions.missing("eu")
    monkeypatch.setattr(health, "BUDGET_SECONDS", 30)
    operator = actor_of(await make_person(Role.OPERATOR))
    found = {one.name: one for one in await health.parts(operator)}
    assert found["Storage"].status == PartStatus.DEGRADED
