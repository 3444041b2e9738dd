"""What the API says of itself, its limits, and what it says when it breaks."""

import asyncio
import logging
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import text

from backoffice.api.problems import TITLES
from backoffice.db import Store, Tenancy, engine, transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.services import event_types
from backoffice.services.permissions import SCOPES
from tests.api.test_outsiders import KEYLESS
from tests.api.world import files

URL = "/api/v1/documents"


async def test_openapi_is_valid_and_whole(client):
    answer = await client.get("/api/v1/openapi.json")
    schema = answer.json()
    assert schema["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(schema).validate()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            content = next(one["content"] for status, one in operation["responses"].items() if status < "300")
            media_type = "text/event-stream" if path == "/events/stream" else "application/json"
            if path not in {"/files/{token}", "/invoices/{invoice_id}/pdf"}:
                assert content[media_type]["example"], (path, method)
            assert operation["security"] == ([] if path in KEYLESS else [{"api_key": []}])
            for status, answer_ in operation["responses"].items():
                if status >= "400":
                    assert answer_["content"]["application/problem+json"]["examples"], (path, method, status)
    assert "HTTPValidationError" not in answer.text


async def test_names_scopes_and_words_are_there_for_every_operation(client):
    schema = (await client.get("/api/v1/openapi.json")).json()
    found = [operation for methods in schema["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in found]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z0-9][a-z0-9]*)*", name)] == []
    assert {"submitDocument", "listDocuments", "readDocument"} <= set(names)
    scopes = {str(scope) for scope in SCOPES}
    for operation in found:
        assert set(operation.get("x-required-scopes", ())) <= scopes
        assert operation["security"] == [] or operation["x-required-scopes"], operation["operationId"]
    assert all(len(tag["description"]) > 20 for tag in schema["tags"])
    for part in ("Document", "DocumentList", "Problem"):
        assert part in schema["components"]["schemas"]


async def test_every_field_and_parameter_says_what_it_means(client):
    schema = (await client.get("/api/v1/openapi.json")).json()
    silent = [name for name, shape in schema["components"]["schemas"].items() if not shape.get("description")]
    for name, shape in schema["components"]["schemas"].items():
        silent += [f"{name}.{field}" for field, one in shape.get("properties", {}).items() if not says(one)]
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            silent += [f"{path} {one['name']}" for one in operation.get("parameters", ()) if not says(one)]
    assert silent == []


def says(shape):
    """A named shape speaks for itself; everything else has its own words."""
    return "description" in shape or any("$ref" in one for one in shape.get("anyOf", [shape]))


async def test_ids_times_and_countries_have_their_form(client):
    schema = (await client.get("/api/v1/openapi.json")).json()
    shapes = schema["components"]["schemas"]
    document = shapes["Document"]["properties"]
    assert re.fullmatch(document["id"]["pattern"], "doc_" + "0" * 26)
    assert not re.fullmatch(document["id"]["pattern"], "app_" + "0" * 26)
    assert document["created_at"]["format"] == "date-time"
    assert {"type": "null"} in document["completed_at"]["anyOf"]
    assert "FRA" in shapes["Country"]["enum"]
    read = schema["paths"]["/documents/{document_id}"]["get"]
    assert read["parameters"][0]["schema"]["pattern"] == document["id"]["pattern"]
    listed = schema["paths"]["/documents"]["get"]
    assert all("anyOf" not in one["schema"] for one in listed["parameters"])
    cursor = next(one["schema"] for one in listed["parameters"] if one["name"] == "cursor")
    assert cursor["pattern"] == document["id"]["pattern"]


async def test_links_lead_from_what_was_made_to_what_can_be_done_with_it(client):
    schema = (await client.get("/api/v1/openapi.json")).json()
    links = schema["paths"]["/documents"]["post"]["responses"]["201"]["links"]
    assert links["readDocument"]["parameters"] == {"document_id": "$response.body#/id"}
    assert links["seeFile"]["parameters"] == {
        "document_id": "$response.body#/id",
        "file_id": "$response.body#/files/0/id",
    }
    listed = schema["paths"]["/documents"]["get"]["responses"]["200"]["links"]
    assert listed["withdrawDocument"]["parameters"] == {"document_id": "$response.body#/data/0/id"}


async def test_a_wrong_method_hears_of_every_right_one(client, acme):
    answer = await client.put(URL, headers=await acme.headers())
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    one = await client.request("OPTIONS", f"{URL}/doc_{'0' * 26}")
    assert one.headers["allow"] == "GET"


async def test_a_line_break_in_an_address_gets_a_problem_too(client, acme):
    for address in (f"{URL}/doc%0A1/history", f"{URL}/%0A", "/api/v1/%0Ax"):
        answer = await client.get(address, headers=await acme.headers())
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), address


def resolved(schema, node):
    """Follow a reference inside the document."""
    for part in node.get("$ref", "#").split("/")[1:]:
        node = schema = schema[part]
    return node


async def test_examples_have_the_shape_they_promise(client):
    import jsonschema

    schema = (await client.get("/api/v1/openapi.json")).json()
    for methods in schema["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    examples = [content["example"]] if "example" in content else []
                    examples += [resolved(schema, one)["value"] for one in content.get("examples", {}).values()]
                    for example in examples:
                        jsonschema.validate(example, content["schema"] | {"components": schema["components"]})


async def test_every_event_type_is_described_with_an_example_of_its_shape(client):
    import jsonschema

    schema = (await client.get("/api/v1/openapi.json")).json()
    assert tuple(schema["webhooks"]) == event_types.NAMES
    for name, sent in schema["webhooks"].items():
        content = sent["post"]["requestBody"]["content"]["application/json"]
        assert content["example"]["type"] == name
        whole = content["schema"] | {"components": schema["components"]}
        jsonschema.validate(content["example"], whole)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(content["example"] | {"type": "document.declined"}, whole)


async def test_docs_need_nothing_from_elsewhere(client):
    page = await client.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    loaded = re.findall(r"<(?:link|script|img|iframe)[^>]*(?:src|href)=\"([^\"]*)", page.text)
    assert loaded
    assert not [address for address in loaded if "//" in address]
    assert "<style" not in page.text
    assert "onclick" not in page.text
    for asset in re.findall(r"(?:src|href)=\"(docs/[^\"]+)\"", page.text):
        assert (await client.get(f"/api/v1/{asset}")).status_code == 200
    for code in TITLES:
        assert f'id="error-{code}"' in page.text
    assert (await client.get("/api/v1/docs/../app.py")).status_code == 404


async def test_a_broken_service_says_nothing_of_how(client, acme, caplog):
    headers = await acme.headers()
    caplog.set_level(logging.INFO)
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("lock table documents in access exclusive mode"))
        waiting = asyncio.create_task(client.get(URL, headers=headers))
        while not await _cancel_who_waits():
            await asyncio.sleep(0.05)
        answer = await waiting
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Traceback" not in answer.text
    assert "documents.id" not in answer.text
    broken = next(record for record in caplog.records if record.message == "request_failed")
    assert broken.request_id == answer.headers["x-request-id"]


async def _cancel_who_waits():
    sql = """select pg_cancel_backend(pid) from pg_stat_activity
             where wait_event_type = 'Lock' and query like '%FROM documents%'"""
    async with engine(Store.MAIN).connect() as connection:
        return (await connection.execute(text(sql))).all()


async def test_the_log_line_holds_no_secret(client, acme, caplog):
    caplog.set_level(logging.INFO, logger="backoffice")
    headers = await acme.headers()
    await client.post(URL, headers=headers, files=files(), data={"external_id": "secret-person"})
    lines = [vars(record) for record in caplog.records if record.message == "request"]
    assert lines[-1]["status"] == 201
    assert lines[-1]["route"].endswith("/documents")
    assert "secret-person" not in str(lines)
    assert headers["Authorization"].split()[1] not in str(lines)


@given(st.uuids(), st.sampled_from(list(Prefix)))
def test_ids_survive_the_way_out_and_back(key, prefix):
    assert parse_public_id(prefix, public_id(prefix, key)) == key


@given(st.uuids(), st.uuids())
def test_ids_sort_as_their_keys(one, two):
    assert (one < two) == (public_id(Prefix.DOCUMENT, one) < public_id(Prefix.DOCUMENT, two))


@given(st.text())
def test_no_text_breaks_the_reading_of_ids(text_):
    try:
        key = parse_public_id(Prefix.DOCUMENT, text_)
    except NotFound:
        return
    assert public_id(Prefix.DOCUMENT, key) == text_


async def test_no_query_breaks_the_list(client, acme):
    headers = await acme.headers()
    loop = asyncio.get_running_loop()

    @settings(max_examples=80, deadline=None)
    @given(cursor=st.text(max_size=60), q=st.text(max_size=60), limit=st.integers() | st.text(max_size=5))
    def ask(cursor, q, limit):
        query = {"cursor": cursor, "q": q, "limit": str(limit)}
        asked = client.get(URL, headers=headers, params=query)
        answer = asyncio.run_coroutine_threadsafe(asked, loop).result()
        assert answer.status_code in {200, 422}, answer.text

    await asyncio.to_thread(ask)


async def test_no_cursor_of_any_form_skips_or_repeats(client, acme):
    headers = await acme.headers()
    ids = [(await client.post(URL, headers=headers, files=files())).json()["id"] for _ in range(7)]
    for limit in range(1, 9):
        seen, cursor = [], None
        while cursor is not None or not seen:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(URL, headers=headers, params=query)).json()
            seen += [row["id"] for row in page["data"]]
            cursor = page["next_cursor"]
        assert seen == ids[::-1]
