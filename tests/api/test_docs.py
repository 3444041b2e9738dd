"""The documentation: whole, safe, the same in both places, and its examples run as they are printed."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from html import unescape

import pytest

from backoffice.api.app import partner_api
from backoffice.api.openapi.naming import operations
from backoffice.api.portal.code import code_box
from backoffice.api.portal.guides import guide
from backoffice.api.portal.html import LINK, inside
from backoffice.api.portal.model import Code
from backoffice.api.portal.reading import kebab, portal
from backoffice.api.portal.snippets import KEY, Call, snippets
from backoffice.api.problems import TITLES
from backoffice.api.remedies import REMEDIES
from backoffice.settings import settings
from tests.api.world import make_world, passport
from tests.node_tools import run

SECONDS = 60


@pytest.fixture(scope="module")
def schema():
    return partner_api.openapi()


@pytest.fixture(scope="module")
def text(schema):
    return inside(portal(schema), create_key=LINK)


def test_every_code_has_a_cause_and_a_remedy():
    assert sorted(set(TITLES) - set(REMEDIES)) == []
    assert [code for code, one in REMEDIES.items() if not (one.cause.endswith(".") and one.remedy)] == []


def test_every_operation_is_there_with_three_languages(schema, text):
    for method, path, operation in operations(schema):
        start = text.index(f'<article class="docs-operation" id="{kebab(operation["operationId"])}"')
        article = text[start : text.index("</article>", start)]
        assert f'data-path="{path}"' in article
        assert f">{method.upper()}</span>" in article
        assert re.findall(r'<pre[^>]*data-language="(\w+)"', article)[:3] == ["bash", "python", "javascript"]
        for scope in operation.get("x-required-scopes", ()):
            assert f"<code>{scope}</code>" in article
        for status, answer in operation["responses"].items():
            for code in answer["content"].get("application/problem+json", {}).get("examples", ()):
                assert f'href="#error-{code}"' in article, (path, status)


def test_every_link_leads_somewhere_and_every_place_is_one(text):
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    assert sorted(set(re.findall(r'href="#([^"]+)"', text)) - set(ids)) == []
    for code in TITLES:
        assert f"error-{code}" in ids


def test_radio_buttons_of_one_box_are_of_that_box_alone(text):
    boxes = [re.findall(r'<input type="radio" name="([^"]+)"', box) for box in text.split('class="docs-code"')[1:]]
    names = [box[0] for box in boxes if box]
    assert all(len(set(box)) == 1 for box in boxes if box)
    assert len(names) == len(set(names)) > 5


def test_snippets_speak_of_this_product(text):
    assert f"{settings().url}/api/v1/documents" in unescape(re.sub(r"<[^>]+>", "", text))
    assert '<span class="docs-key">kyc_test_…</span>' in text


def test_a_guide_cannot_bring_markup():
    written = guide(
        "x", "# One <b>x</b>\n\n<script>alert(1)</script>\n\n## Two `a`\n\n[go](javascript:alert(1)) <img src=x>\n"
    )
    assert "<script" not in written.html
    assert "<img" not in written.html
    assert 'href="javascript' not in written.html
    assert [section.title for section in written.sections] == ["Two a"]


def test_guides_point_to_each_other_on_the_page_and_neighbouring_code_becomes_tabs():
    written = guide(
        "x", "# T\n\nSee [that](webhooks.md#answer).\n\n```python\na = 1\n```\n\n```go\nx := 1\n```\n\nEnd.\n"
    )
    assert 'href="#guide-webhooks-answer"' in written.html
    assert re.findall(r'type="radio" name="guide-x-code-1" value="(\w+)"', written.html) == ["python", "go"]


def test_code_is_escaped():
    box = code_box("x", [Code("nonsense", "<b>", "<script>"), Code("json", "J", '{"a": "<b>"}')])
    assert "<script>" not in box
    assert "<b>" not in box


def test_the_documentation_reads_what_other_operations_bring():
    from fastapi import FastAPI

    app = FastAPI()
    app.openapi_schema = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1", "description": ""},
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": "Things", "description": "Some **things**."}],
        "paths": {
            "/webhook_endpoints/{endpoint_id}": {
                "patch": {
                    "operationId": "changeEndpoint",
                    "summary": "Change an endpoint",
                    "tags": ["Things"],
                    "security": [{"api_key": []}],
                    "parameters": [
                        {"name": "endpoint_id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {
                            "name": "If-Match",
                            "in": "header",
                            "required": True,
                            "schema": {"type": "string"},
                            "example": '"5"',
                        },
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Change"},
                                "example": {"url": "https://x.example/it's", "fifo": True, "description": None},
                            }
                        },
                    },
                    "responses": {"204": {"description": "Done."}},
                }
            },
            "/events/stream": {
                "get": {
                    "operationId": "streamEvents",
                    "summary": "Listen",
                    "tags": ["Things"],
                    "security": [{"api_key": []}],
                    "responses": {"200": {"description": "On and on.", "content": {"text/event-stream": {}}}},
                }
            },
        },
        "webhooks": {
            "document.approved": {
                "post": {
                    "summary": "A document was approved",
                    "requestBody": {"content": {"application/json": {"schema": {}, "example": {"id": "evt_1"}}}},
                }
            }
        },
        "components": {
            "schemas": {
                "Change": {
                    "type": "object",
                    "required": ["url"],
                    "properties": {
                        "url": {"type": "string", "format": "uri", "description": "Where to."},
                        "inner": {"anyOf": [{"$ref": "#/components/schemas/Change"}, {"type": "null"}]},
                    },
                }
            }
        },
    }
    read = portal(app.openapi_schema)
    change, stream = read.groups[0].operations
    assert change.bodies[0].fields[0].is_required
    assert change.bodies[0].fields[1].is_nullable
    assert change.bodies[0].fields[1].fields[0].name == "url"
    curl, python, script = change.snippets
    assert "-X PATCH" in curl.text
    assert "whk_" in curl.text
    assert "-H 'If-Match: \"5\"'" in curl.text
    assert '"fifo": True, "description": None' in python.text
    assert '"fifo": true, "description": null' in script.text
    assert stream.snippets[0].text.startswith("curl -N ")
    assert [(one.type, one.anchor) for one in read.webhooks] == [("document.approved", "event-document-approved")]
    shown = inside(read, create_key=LINK)
    assert "<strong>things</strong>" in shown
    assert 'id="event-document-approved"' in shown


async def test_both_places_show_the_same_and_the_browser_keeps_it(client):
    plain = await client.get("/api/v1/docs")
    inner = await client.get("/api/v1/docs/inside.html")
    assert inner.headers["content-type"].startswith("text/html")
    sections = inner.text[inner.text.index('<section class="docs-guide"') :]
    assert sections.removesuffix("</div></div>") in plain.text
    assert "data-slot" in inner.text
    assert "data-slot" not in plain.text
    again = await client.get("/api/v1/docs", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = await client.get("/api/v1/docs", headers={"Accept-Encoding": "gzip"})
    whole = await client.get("/api/v1/docs", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in whole.headers
    assert packed.text == whole.text
    assert int(packed.headers["content-length"]) < 150_000


async def test_colours_follow_the_system_without_a_script(client):
    tokens = (await client.get("/api/v1/docs/tokens.css")).text
    asked = tokens[tokens.index("@media (prefers-color-scheme: dark)") :]
    assert ":root:not(.light)" in asked
    assert "--canvas:" in asked


def shell(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


def printed(folder, code, key, document_id):
    """What a person gets who pastes the snippet, with a real key and a real id."""
    text = code.text.replace(KEY, key)
    text = re.sub(r"doc_[0-9a-z]{26}", document_id, text) if document_id else text
    if code.language == "bash":
        return shell(folder, "bash", "-c", text.replace("curl ", "curl -sS ", 1))
    if code.language == "python":
        return shell(folder, sys.executable, "-c", text.replace("print(answer.json())", "print(answer.text)"))
    (folder / "snippet.mjs").write_text(text.replace("await answer.json());", "await answer.text());"))
    return run("node", str(folder / "snippet.mjs"), folder=folder)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["bash", "python", "javascript"])
async def test_snippets_run_as_they_are_printed(web, schema, tmp_path, language):
    if language == "bash":
        assert shutil.which("curl"), "curl is needed to run what the documentation prints"
    key = await (await make_world()).key("test", livemode=False)
    (tmp_path / "passport.jpg").write_bytes(passport())
    here = settings().url
    document_id = ""
    for name, status in (
        ("submitDocument", "submitted"),
        ("readDocument", "submitted"),
        ("listDocuments", ""),
        ("withdrawDocument", "canceled"),
    ):
        operation = next(
            one for group in portal(schema).groups for one in group.operations if one.anchor == kebab(name)
        )
        code = next(one for one in operation.snippets if one.language == language)
        code = Code(code.language, code.label, code.text.replace(here, web.url))
        done = await asyncio.to_thread(printed, tmp_path, code, key, document_id)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        document_id = answer.get("id", document_id)
        assert answer.get("status", "") == status, answer
    assert [one["id"] for one in answer["data"]] == [document_id] if "data" in answer else True


def test_every_language_says_the_same_call():
    call = Call(
        "POST",
        "https://x.example/api/v1/test/simulate",
        is_once=True,
        json={"document_id": "doc_1", "reasons": ["forgery"]},
    )
    for code in snippets(call):
        for part in (
            "https://x.example/api/v1/test/simulate",
            KEY,
            "Idempotency-Key",
            "forgery",
            "POST" if code.language == "javascript" else "document_id",
        ):
            assert part in code.text, (code.language, part)
