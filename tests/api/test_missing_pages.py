"""A wrong address gets our page, and what our own code says of something that is gone stays as it is."""

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from backoffice.api.languages import Languages
from backoffice.api.missing_pages import MissingPages
from backoffice.pages.public.sign_in import missing_page


@pytest.fixture
def client(tmp_path):
    (tmp_path / "index.html").write_text("start")
    (tmp_path / "404.html").write_text("compiled")
    served = Starlette(
        routes=[
            Route("/gone", lambda _: HTMLResponse("this link is used up", 404)),
            Route("/api/gone", lambda _: JSONResponse({"code": "not_found"}, 404)),
            Mount("/", StaticFiles(directory=tmp_path, html=True)),
        ]
    )
    return TestClient(Languages(MissingPages(served, missing_page=missing_page)))


@pytest.mark.parametrize("path", ["/nowhere", "/partner/nowhere", "/a.js"])
def test_wrong_address_is_answered_by_our_page_in_the_language_that_is_wanted(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Page not found" in answer.text
    assert "compiled" not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    assert "Page introuvable" in client.get(path, headers={"Accept-Language": "fr"}).text
    head = client.head(path)
    assert (head.status_code, head.text) == (404, "")


def test_everything_else_passes(client):
    assert client.get("/").text == "start"
    assert client.get("/gone").text == "this link is used up"
    assert client.get("/api/gone").json() == {"code": "not_found"}
