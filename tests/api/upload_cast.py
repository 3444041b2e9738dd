"""What tests of files sent apart share."""

from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import files as file_service
from backoffice.services import vault
from backoffice.settings import settings
from tests.api.world import rows

URL = "/api/v1/documents"

MEGABYTE = 1024 * 1024


async def announce(client, headers, *sides, **values):
    body = {"files": [{"side": side} for side in sides or ("front",)]} | values
    answer = await client.post(f"{URL}/uploads", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def path_of(upload):
    return "/api/v1" + upload["url"].split("/api/v1")[1]


async def put(client, upload, data):
    return await client.put(path_of(upload), content=data, headers=upload["headers"])


async def submit(client, headers, body, **more):
    return await client.post(f"{URL}/{body['id']}/submit", headers=headers | more)


async def read(client, headers, body):
    return (await client.get(f"{URL}/{body['id']}", headers=headers)).json()


def staged(world):
    folder = settings().data_dir / "documents" / "staging" / str(world.partner_id)
    return [path for path in folder.rglob("*") if path.is_file()]


def key_of(body, prefix=Prefix.DOCUMENT):
    return parse_public_id(prefix, body["id"])


async def assert_sealed(document, contents):
    kept = await rows("select id, storage_key from files where document_id = :d order by position", d=key_of(document))
    async with transaction(Tenancy.everyone()) as session:
        key = await vault.data_key(session, parse_public_id(Prefix.APPLICANT, document["applicant_id"]))
    for row, data in zip(kept, contents, strict=True):
        assert file_service.open_file(key, row.id, await storage_for("default").get(row.storage_key)) == data
