"""A typed client that a stranger's generator makes of our OpenAPI document works against a real server."""

import asyncio
import importlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.world import make_world, passport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
PACKAGE = "generated_partner_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    from backoffice.api.app import partner_api

    folder = tmp_path_factory.mktemp("client")
    document = folder / "openapi.json"
    document.write_text(json.dumps(partner_api.openapi()))
    tools = Path(sys.executable).parent
    done = subprocess.run(
        [
            str(tools / "openapi-python-client"),
            "generate",
            f"--path={document}",
            "--meta=none",
            f"--output-path={folder / PACKAGE}",
            "--fail-on-warning",
        ],
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    sys.path.remove(str(folder))


def walk(generated, url, key):
    """Create a document, list, read it, and ask for one that is not there."""
    models, types = generated("models"), generated("types")
    calls = {
        name: generated(f"api.documents.{name}")
        for name in ("submit_document", "list_documents", "read_document", "follow_document")
    }
    client = generated("client").AuthenticatedClient(
        base_url=f"{url}/api/v1", token=key, raise_on_unexpected_status=True
    )
    body = models.SubmitDocumentBody(
        files=[types.File(payload=io.BytesIO(passport()), file_name="passport.jpg", mime_type="image/jpeg")],
        sides=[models.SubmitDocumentBodySidesItem.FRONT],
        type_=models.DocumentType.PASSPORT,
        issuing_country=models.Country.FRA,
        applicant=models.ApplicantIn(given_names="Camille", surname="Specimen"),
        external_id="user-8841",
    )
    with client:
        made, again = [
            calls["submit_document"].sync_detailed(client=client, body=body, idempotency_key="typed-client-1")
            for _ in range(2)
        ]
        listed = calls["list_documents"].sync(client=client, limit=1, status=[models.DocumentStatus.SUBMITTED])
        read = calls["read_document"].sync(made.parsed.id, client=client)
        history = calls["follow_document"].sync(made.parsed.id, client=client)
        missing = calls["read_document"].sync_detailed("doc_" + "0" * 26, client=client)
    return models, made, again, listed, read, history, missing


async def test_a_generated_client_creates_lists_reads_and_knows_errors(web, generated):
    key = await (await make_world()).key("test", livemode=False)
    models, made, again, listed, read, history, missing = await asyncio.to_thread(walk, generated, web.url, key)
    assert made.status_code == 201
    assert isinstance(made.parsed, models.Document)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.parsed.id == made.parsed.id
    assert [one.id for one in listed.data] == [made.parsed.id]
    assert listed.has_more is False
    assert read.external_id == "user-8841"
    assert read.status is models.DocumentStatus.SUBMITTED
    assert [event.sequence for event in history.data] == [1, 2]
    assert missing.status_code == 404
    assert isinstance(missing.parsed, models.Problem)
    assert missing.parsed.code == "not_found"
    assert missing.parsed.request_id.startswith("req_")
