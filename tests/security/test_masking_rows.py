"""Row 63: an Aadhaar number is nowhere whole, for somebody who has the database, the store with its keys, and the logs.

The card is drawn, the number on it is of this test alone, and it goes through the real gate, reader and store.
"""

import json
import random
import secrets
from dataclasses import replace

import cv2
import httpx2
import numpy as np
import pytest
from sqlalchemy import select
from stdnum import verhoeff

from backoffice import specimens
from backoffice.adapters import cipher
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.jobs import documents as screening_jobs
from backoffice.jobs import file_masks as jobs
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document, File, Rendition
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.screening import barcodes, masking, ocr
from backoffice.screening.decode import Decoder
from backoffice.screening.page_texts import PageText
from backoffice.services import files as file_service
from backoffice.services import search_tokens, vault
from bench.accuracy import captures, spent
from tests.api.world import files, make_world
from tests.security.test_erasure_rows import forms, in_database, in_files, in_redis
from tests.services.review_cast import Cast, member
from tests.services.test_audit_seals import EVERYONE

pytestmark = pytest.mark.usefixtures("database")
DOCUMENTS = "/api/v1/documents"
SMALL = 1000


def canary() -> str:
    digits = f"{secrets.choice('23456789')}{secrets.randbelow(10**10):010}"
    return digits + verhoeff.calc_check_digit(digits)


def card(number: str, condition: str) -> list[bytes]:
    """Take both sides of a plastic card with this number; its back has the secure code."""
    _, drawn = spent.draw("indian_plastic_card", 63, lambda who: replace(who, document_number=number[:-1]))
    return [captures.capture(side.image(), condition, random.Random(63)) for side in drawn.sides.values()]


def whole(number: str) -> list[bytes]:
    return forms([number, f"{number[:4]} {number[4:8]} {number[8:]}", f"{number[:4]} {number[4:8]}"])


def shows(data: bytes, mime_type: str, decoder: Decoder, number: str) -> bool:
    """Read a picture again, upright, and a large one in halves, too: does it show hidden digits or a code?"""
    for raster in decoder.pages(data, mime_type):
        page = ocr.read(np.ascontiguousarray(masking.pixels_of(raster)))
        is_large = max(raster.width, raster.height) > SMALL
        halves = list(masking.readings(np.ascontiguousarray(page.pixels)))[1:] if is_large else []
        for lines in (page.lines, *halves):
            text = "|".join("".join(sign for sign in line.text if sign.isdigit()) for line in lines)
            if number[:4] in text or number[4:8] in text:
                return True
        one = PageText(0, 0, ocr.Page((), page.pixels, 0), None)
        if barcodes.read([one], is_likely=is_large, finer=lambda _: None):
            return True
        if cv2.QRCodeDetector().detectAndDecode(page.pixels)[0]:
            return True
    return False


async def objects(document_id, decoder: Decoder, number: str) -> dict[str, bool]:
    """Open every object of a document as who has the store and its keys would; answers which ones show the number."""
    async with transaction(EVERYONE) as session:
        document = await session.get_one(Document, document_id)
        key = await vault.data_key(session, document.applicant_id)
        rows = (await session.execute(select(File).where(File.document_id == document_id))).scalars().all()
        ids = [row.id for row in rows]
        pictures = (await session.execute(select(Rendition).where(Rendition.file_id.in_(ids)))).scalars().all()
    boxes = {one.storage_key: (file_service.FILE_COLUMN, one.id, one.mime_type) for one in rows}
    boxes |= {one.storage_key: (file_service.RENDITION_COLUMN, one.id, "image/jpeg") for one in pictures}
    store, found = storage_for("default"), {}
    for name in await store.keys(f"{document.partner_id}/{document.id}"):
        column, row_id, mime_type = boxes[name]  # every object has a row, so that what was sent is not among them
        data = cipher.open_(key, await store.get(name), vault.aad(row_id, column))
        found[name] = shows(data, mime_type, decoder, number)
    assert found.keys() == boxes.keys()
    return found


async def post(client, headers, number, *, condition="photo", **fields):
    applicant = {"document_number": f"{number[:4]} {number[4:8]} {number[8:]}"}
    sent = {"applicant": json.dumps(applicant), **fields}
    answer = await client.post(DOCUMENTS, headers=headers, files=files(*card(number, condition)), data=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def found_by(world, document, number: str) -> None:
    """Search by the whole number, as people of the partner may, and nobody else."""
    async with transaction(EVERYONE) as session:
        own = await member(Cast(await session.get_one(Partner, world.partner_id)), Role.PARTNER_ADMIN)
        other = await member(Cast(await session.get_one(Partner, (await make_world()).partner_id)), Role.PARTNER_ADMIN)
        document_id = parse_public_id(Prefix.DOCUMENT, document["id"])
        assert await search_tokens.find(session, own, number, livemode=True) == [document_id]
        assert await search_tokens.find(session, other, number, livemode=True) == []


async def screen(document) -> None:
    await screening_jobs.screen(str(parse_public_id(Prefix.DOCUMENT, document["id"])))
    await jobs.discard_replaced()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("condition", ["photo", "rot90"])
async def test_63_an_aadhaar_number_is_kept_nowhere_whole(servers, web, condition):
    world, number, decoder = await make_world(), canary(), Decoder()
    headers = await world.headers()
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        document = await post(client, headers, number, condition=condition)
        await screen(document)
        shown = (await client.get(f"{DOCUMENTS}/{document['id']}", headers=headers)).json()
        person = (await client.get(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)).json()
        said = [json.dumps(one).encode() for one in (shown, person)]
        said += [(await client.get(f"/api/v1/{path}?limit=100", headers=headers)).content for path in ("events",)]
    assert [file["masked"] for file in shown["files"]] == ["aadhaar", "aadhaar"]
    assert [file["sha256"] for file in shown["files"]] == [file["sha256"] for file in document["files"]]
    assert person["document_number"] == f"XXXX XXXX {number[-4:]}"
    assert shown["extracted"]["document_number"]["value"] == f"XXXXXXXX{number[-4:]}"
    match = next(check for check in shown["checks"] if check["name"] == "applicant_match")
    assert match["status"] == "passed"
    assert not any(word in text for text in said for word in whole(number))
    await found_by(world, document, number)
    assert in_database(servers, whole(number)) == []
    assert await in_redis(servers, whole(number)) == []
    assert in_files(servers, web, whole(number)) == []
    shows_it = await objects(parse_public_id(Prefix.DOCUMENT, document["id"]), decoder, number)
    decoder.close()
    assert len(shows_it) == 8
    assert not any(shows_it.values())


@pytest.mark.timeout(300)
async def test_63_the_search_finds_what_is_there(web):
    """Show that the test above can fail: before its screening a document shows the number, and nobody may see it."""
    world, number, decoder = await make_world(), canary(), Decoder()
    headers = await world.headers()
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        document = await post(client, headers, number, issuing_country="IND")
        where = f"{DOCUMENTS}/{document['id']}/files/{document['files'][0]['id']}?variant=original"
        early = await client.get(where, headers=headers)
        assert (early.status_code, early.json()["code"]) == (409, "file_not_masked")
        document_id = parse_public_id(Prefix.DOCUMENT, document["id"])
        assert set((await objects(document_id, decoder, number)).values()) == {True}
        await screen(document)
        link = await client.get(where, headers=headers)
        served = await client.get(link.json()["url"], headers=headers)
        assert served.status_code == 200
        assert not shows(served.content, "image/jpeg", decoder, number)
    decoder.close()


@pytest.mark.parametrize("kind", ["passport", "national_id"])
async def test_63_documents_of_other_countries_are_kept_as_they_came(web, kind):
    world, holder = await make_world(), specimens.person(63)
    headers = await world.headers()
    sent = [file.data for file in specimens.render(kind, holder)]
    number = specimens.document_number(kind, holder)
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        told = {"applicant": json.dumps({"document_number": number}), "issuing_country": holder.nationality}
        answer = await client.post(DOCUMENTS, headers=headers, files=files(*sent), data=told)
        document = answer.json()
        where = f"{DOCUMENTS}/{document['id']}/files/{document['files'][0]['id']}?variant=original"
        for _ in range(2):  # before its screening and after it
            link = await client.get(where, headers=headers)
            assert (await client.get(link.json()["url"], headers=headers)).content == sent[0]
            await screen(document)
        shown = (await client.get(f"{DOCUMENTS}/{document['id']}", headers=headers)).json()
        person = (await client.get(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)).json()
    assert {file["masked"] for file in shown["files"]} == {None}
    assert person["document_number"] == number
