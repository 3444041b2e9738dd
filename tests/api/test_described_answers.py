"""Row 40: no field comes into an answer unseen: each is described, and the description is kept and compared."""

from typing import Any

import pytest

from backoffice.api.app import partner_api
from scripts.write_openapi import PAGE, written
from tests.api.estate import Estate
from tests.api.world import make_world
from tests.services.test_audit_seals import seal_all

PREFIX = "/api/v1"
JSON = "application/json"
NO_JSON = {"/files/{token}", "/invoices/{invoice_id}/pdf", "/documents/{document_id}/files/{file_id}", "/events/stream"}


def undescribed(value: Any, shape: dict[str, Any], place: str = "") -> set[str]:
    """Name the fields of an answer that its description does not have, wherever they stand."""
    shapes = partner_api.openapi()["components"]["schemas"]
    if "$ref" in shape:
        return undescribed(value, shapes[shape["$ref"].rpartition("/")[2]], place)
    choices = [*shape.get("anyOf", ()), *shape.get("oneOf", ())]
    if choices:
        return min((undescribed(value, one, place) for one in choices if fits(value, one, shapes)), key=len)
    if isinstance(value, list):
        return set().union(*(undescribed(one, shape.get("items", {}), f"{place}[]") for one in value))
    if not isinstance(value, dict) or not ("properties" in shape or "allOf" in shape):
        return set()  # free JSON, such as `metadata`, whose names are the partner's own
    known = dict(shape.get("properties", {}))
    for one in shape.get("allOf", ()):
        known |= (shapes[one["$ref"].rpartition("/")[2]] if "$ref" in one else one).get("properties", {})
    extra = {f"{place}.{name}" for name in value if name not in known}
    inner = (undescribed(one, known[name], f"{place}.{name}") for name, one in value.items() if name in known)
    return extra.union(*inner)


def fits(value: Any, shape: dict[str, Any], shapes: dict[str, Any]) -> bool:
    """Say whether a choice can be meant at all: null is chosen for nothing and for nothing else."""
    shape = shapes[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    return (shape.get("type") == "null") == (value is None)


def shape_of(path: str, method: str) -> dict[str, Any]:
    answers = partner_api.openapi()["paths"][path][method]["responses"]
    return next(one["content"][JSON]["schema"] for status, one in answers.items() if status < "300")


def readable() -> list[str]:
    return [path for path, methods in partner_api.openapi()["paths"].items() if "get" in methods]


def test_40_the_description_is_the_one_that_somebody_looked_at():
    assert PAGE.read_text(encoding="utf-8") == written(), "the API differs: `make openapi`, and look at what changed"


@pytest.fixture(scope="module")
async def estate(client) -> Estate:
    made = Estate(client, await make_world(), livemode=True)
    await made.everything()
    await seal_all()
    return made


async def test_40_no_answer_holds_a_field_that_is_not_described(client, estate):
    found, unread = set(), set()
    for path in readable():
        if path in NO_JSON:
            continue
        is_test = path.startswith("/test/")
        headers = await (estate.world.headers("test", livemode=False) if is_test else estate.headers())
        answer = await client.get(PREFIX + await estate.address(path), headers=headers)
        if answer.status_code != 200:
            unread.add((path, answer.status_code))
            continue
        found |= {f"{path}{place}" for place in undescribed(answer.json(), shape_of(path, "get"))}
    assert (found, unread) == (set(), set())


async def test_40_what_is_made_answers_with_nothing_more(client, estate):
    document = await estate.document()
    assert undescribed(document, shape_of("/documents", "post")) == set()
    sent = {"given_names": "Amara", "surname": "Okonkwo"}
    made = await client.post(f"{PREFIX}/applicants", headers=await estate.headers(), json=sent)
    assert undescribed(made.json(), shape_of("/applicants", "post")) == set()


async def test_40_a_field_that_nobody_described_is_found(estate):
    """Show that the two tests above can fail, at the top and further inside."""
    shape, document = shape_of("/documents", "post"), dict(await estate.document())
    planted = document | {"holder": "Okonkwo", "files": [one | {"path": "/data"} for one in document["files"]]}
    assert undescribed(planted, shape) == {".holder", ".files[].path"}
