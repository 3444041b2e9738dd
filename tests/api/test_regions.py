"""Residency: what belongs to a partner is in its region from its first byte to its last, and nowhere else."""

import io
import json
import zipfile
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.adapters import kms
from backoffice.adapters.cipher import Tampered
from backoffice.commands import key_rotations as command
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, Unavailable
from backoffice.jobs import data_keys, engines, erasures, expiry
from backoffice.jobs import documents as screening
from backoffice.jobs import exports as export_jobs
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.models.engines import RescreenStatus
from backoffice.models.exports import ExportStatus
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.services import erasure_ledger, key_rotations, partners, regions, rescreens, vault
from tests.api.test_erasures import ask as ask_erasure
from tests.api.test_erasures import key_of as erasure_key
from tests.api.upload_cast import announce, submit
from tests.api.world import World, applicant, files, passport, picture, rows, rows_changed, screened
from tests.key_cast import keys_of, keys_run
from tests.region_cast import REGIONS, local_files, partner_in, settings_without
from tests.services.people import SYSTEM
from tests.services.review_cast import Cast, member
from tests.services.test_evidence_packs import asked, revealed
from tests.services.test_exports import content, read, written

pytestmark = pytest.mark.usefixtures("database")
URL = "/api/v1/documents"
EVERYONE = Tenancy.everyone()


async def world_in(region):
    partner = await partner_in(region)
    return World(partner.id), Cast(partner)


async def post(client, headers, data=None):
    answer = await client.post(
        URL, headers=headers, files=files(data or picture()), data={"applicant": applicant(), "type": "passport"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def elsewhere(places, region, partner_id):
    """Name everything of a partner that is anywhere but in its region."""
    strangers = [name for other in REGIONS if other != region for name in places[other].of(partner_id)]
    return strangers + [str(path) for path in local_files() if str(partner_id) in str(path)]


@pytest.mark.parametrize("region", REGIONS)
async def test_over_a_whole_life_no_byte_is_in_another_region(client, places, region):
    world, cast = await world_in(region)
    headers, here = await world.headers(), places[region]
    admin = await member(cast, Role.PARTNER_ADMIN)

    document = await post(client, headers, passport())
    await screening.screen(str(parse_public_id(Prefix.DOCUMENT, document["id"])))
    seen = (await client.get(f"{URL}/{document['id']}", headers=headers)).json()
    assert seen["status"] in {"in_review", "approved", "rejected"}
    assert seen["extracted"]
    assert len(here.of(world.partner_id)) >= 3, "the file, its view and its thumbnail"
    assert elsewhere(places, region, world.partner_id) == []

    link = (await client.get(f"{URL}/{document['id']}/files/{document['files'][0]['id']}", headers=headers)).json()
    assert (await client.get("/api/v1" + link["url"].split("/api/v1")[1])).status_code == 200

    apart = await announce(client, headers, "front", applicant_id=document["applicant_id"])
    assert apart["uploads"][0]["url"].startswith(here.endpoint)
    async with httpx2.AsyncClient() as device:
        await device.put(apart["uploads"][0]["url"], content=picture(tint=9), headers=apart["uploads"][0]["headers"])
    assert any("staging" in name for name in here.of(world.partner_id))
    assert (await submit(client, headers, apart)).status_code == 200

    await revealed(admin, parse_public_id(Prefix.DOCUMENT, document["id"]))
    sheet, pack = await written(admin), await asked(admin, parse_public_id(Prefix.DOCUMENT, document["id"]))
    await export_jobs.write(str(pack.id))
    assert {(await read(row)).status for row in (sheet, pack)} == {ExportStatus.READY}
    book = zipfile.ZipFile(io.BytesIO(await content(admin, await read(pack))))
    assert json.loads(book.read("evidence.json"))["given"]["surname"] == "Specimen"
    assert sum("exports" in name for name in here.of(world.partner_id)) == 2
    assert elsewhere(places, region, world.partner_id) == []

    erasure = await ask_erasure(client, headers, document)
    await erasures.erase(str(erasure_key(erasure)))
    async with transaction(EVERYONE) as session:
        await session.execute(
            text("update exports set expires_at = now() - interval '1 hour' where partner_id = :p"),
            {"p": world.partner_id},
        )
    await export_jobs.discard()
    [left] = here.of(world.partner_id)
    assert left.startswith("files/ledger/erasures/"), "who was erased, by ids alone"
    assert elsewhere(places, region, world.partner_id) == []


async def test_data_keys_are_wrapped_by_their_region_and_opened_by_no_other(client, places):
    made = {}
    for region in REGIONS:
        world, _ = await world_in(region)
        document = await post(client, await world.headers())
        applicant_id = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
        made[region] = row = (await keys_of({applicant_id}))[applicant_id]
        assert (row.region, row.wrapped_by) == (region, kms.key_encryption(region).newest_id())
    for region, other in (("eu", "in"), ("in", "eu"), ("eu", "default")):
        row = made[region]
        with pytest.raises((Tampered, Unavailable)):
            await kms.key_encryption(other).unwrap(row.wrapped, vault.context(row.partner_id, row.applicant_id))


async def all_keys():
    ids = {row[0] for row in await keys_run("select applicant_id from keystore.data_keys")}
    return await keys_of(ids)


async def test_turning_the_keys_of_one_region_leaves_those_of_the_others(client, places, monkeypatch, capsys):
    documents_ = {}
    for region in REGIONS:
        world, _ = await world_in(region)
        documents_[region] = (await world.headers(), await post(client, await world.headers()))
    before = await all_keys()
    await command.rotate("eu")
    newest = kms.key_encryption("eu").newest_id()
    after = await all_keys()
    turned = {key for key in after if after[key].wrapped != before[key].wrapped}
    assert {after[key].region for key in turned} == {"eu"}
    assert {row.wrapped_by for row in after.values() if row.region == "eu"} == {newest}
    for headers, document in documents_.values():
        who = (await client.get(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)).json()
        assert who["surname"] == "Specimen"
    with pytest.raises(Invalid, match="BACKOFFICE_KEK_URL_IN"):
        await turn("in")
    await command.show()
    said = capsys.readouterr().out
    assert newest in said
    assert "Region" in said
    monkeypatch.setattr(key_rotations, "SETTLED", timedelta())
    [old] = {row.wrapped_by for row in before.values() if row.region == "eu"}
    await command.retire(old)
    assert kms.key_file("eu").ids() == [newest]


async def turn(region):
    async with transaction(EVERYONE) as session:
        await key_rotations.rotate(session, SYSTEM, region)


async def test_a_region_whose_keys_are_away_keeps_no_other_from_its_turn(client, places, monkeypatch):
    for region in REGIONS:
        world, _ = await world_in(region)
        await post(client, await world.headers())
    await turn("eu")
    settings_without(monkeypatch, "KEK_URL_IN")
    await data_keys.walk()
    newest = kms.key_encryption("eu").newest_id()
    assert {row.wrapped_by for row in (await all_keys()).values() if row.region == "eu"} == {newest}


@pytest.mark.parametrize("missing", ["STORAGE_URL_EU", "KEK_URL_EU"])
async def test_a_region_that_lacks_a_setting_answers_503_and_falls_back_to_nothing(
    client, acme, places, monkeypatch, missing
):
    world, _ = await world_in("eu")
    headers = await world.headers()
    document = await post(client, headers)
    held = places["eu"].objects()
    settings_without(monkeypatch, missing)
    answer = await client.post(URL, headers=headers, files=files(), data={"applicant": applicant()})
    assert (answer.status_code, answer.json()["code"]) == (503, "region_unavailable")
    assert "BACKOFFICE" not in answer.text
    assert places["eu"].objects() == held
    assert elsewhere(places, "eu", world.partner_id) == []
    if missing == "KEK_URL_EU":
        person = await client.get(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)
        assert (person.status_code, person.json()["code"]) == (503, "region_unavailable")
    else:
        link = await client.get(f"{URL}/{document['id']}/files/{document['files'][0]['id']}?variant=original",
                                headers=headers)  # fmt: skip
        served = await client.get("/api/v1" + link.json()["url"].split("/api/v1")[1])
        assert (served.status_code, served.json()["code"]) == (503, "region_unavailable")
    assert (await client.post(URL, headers=await acme.headers(), files=files())).status_code == 201
    async with transaction(EVERYONE) as session:
        [said] = await regions.findings(session, SYSTEM)
    assert said.startswith(f"Set BACKOFFICE_{missing}")
    assert "1 of its partners get 503" in said


async def test_a_key_file_that_is_gone_stops_its_region_and_not_the_process(client, acme, places, tmp_path):
    world, _ = await world_in("eu")
    (tmp_path / "eu.json").unlink()
    kms._opened.cache_clear()
    answer = await client.post(URL, headers=await world.headers(), files=files())
    assert (answer.status_code, answer.json()["code"]) == (503, "region_unavailable")
    assert (await client.post(URL, headers=await acme.headers(), files=files())).status_code == 201
    async with transaction(EVERYONE) as session:
        assert any("keys create --region eu" in said for said in await regions.findings(session, SYSTEM))


async def test_the_region_of_a_partner_never_changes(places):
    world, _ = await world_in("eu")
    with pytest.raises(DBAPIError, match="never changes"):
        await rows_changed("update partners set region = 'in' where id = :p", p=world.partner_id)
    await rows_changed("update partners set plan = 'free' where id = :p", p=world.partner_id)


async def test_the_key_store_never_moves_a_key_to_another_region_or_partner(client, places):
    world, _ = await world_in("eu")
    document = await post(client, await world.headers())
    key = parse_public_id(Prefix.APPLICANT, document["applicant_id"])
    for change in ("region = 'in'", f"partner_id = '{new_id()}'"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await keys_run(f"update keystore.data_keys set {change} where applicant_id = %s", key)


async def test_a_partner_is_taken_on_in_a_region_that_works_only(places, monkeypatch):
    async def take(region):
        async with transaction(EVERYONE) as session:
            slug = f"r-{new_id().hex[-12:]}"
            return await partners.create(session, SYSTEM, name="Fjord", slug=slug, plan=Plan.FREE, region=region)

    assert (await take("EU")).region == "eu"
    assert (await take("")).region == "default"
    with pytest.raises(Invalid) as refusal:
        await take("mars")
    assert (refusal.value.code, refusal.value.pointer) == ("unknown_region", "/region")
    settings_without(monkeypatch, "KEK_URL_IN")
    with pytest.raises(Invalid, match="Set BACKOFFICE_KEK_URL_IN"):
        await take("in")


async def test_what_was_staged_goes_from_its_region(client, places):
    world, _ = await world_in("in")
    headers, here = await world.headers(), places["in"]
    body = await announce(client, headers)
    async with httpx2.AsyncClient() as device:
        await device.put(body["uploads"][0]["url"], content=picture(), headers=body["uploads"][0]["headers"])
    key = parse_public_id(Prefix.DOCUMENT, body["id"])
    await rows_changed(
        "update documents set expires_at = :t where id = :d", t=clock.wall() - timedelta(seconds=1), d=key
    )
    assert len(here.of(world.partner_id)) == 1
    await expiry.expire_documents()
    assert here.of(world.partner_id) == []


async def test_a_document_is_read_again_in_its_region(client, places):
    world, cast = await world_in("eu")
    document = await post(client, await world.headers(), passport())
    await screened(document["id"])
    async with transaction(EVERYONE) as session:
        row = await rescreens.begin(session, SYSTEM, days=1, limit=10, partner_id=cast.partner.id)
    await engines.rescreen(str(row.id))
    done = (await rows("select status, done, failed from rescreens where id = :r", r=row.id))[0]
    assert (done.status, done.done, done.failed) == (RescreenStatus.DONE, 1, 0)
    assert elsewhere(places, "eu", world.partner_id) == []


async def test_the_ledger_of_every_region_is_replayed_and_none_is_passed_over(client, places, monkeypatch):
    people = set()
    for region in REGIONS:
        world, _ = await world_in(region)
        headers = await world.headers()
        document = await post(client, headers)
        await erasures.erase(str(erasure_key(await ask_erasure(client, headers, document))))
        people.add(parse_public_id(Prefix.APPLICANT, document["applicant_id"]))
    assert people <= {one.applicant_id for one in await erasure_ledger.entries(["default", *REGIONS])}
    await rows_changed("update applicants set erased_at = null where id = any(:a)", a=list(people))
    async with transaction(EVERYONE) as session:
        back = {one.applicant_id for one in await erasure_ledger.returned(session, SYSTEM)}
    assert people <= back
    await rows_changed("update applicants set erased_at = now() where id = any(:a)", a=list(people))
    settings_without(monkeypatch, "STORAGE_URL_EU")
    with pytest.raises(Unavailable):
        async with transaction(EVERYONE) as session:
            await erasure_ledger.returned(session, SYSTEM)
