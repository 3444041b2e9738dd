"""Which language a browser is answered in, which page it gets, and what is English whatever it asks for."""

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from backoffice.api import languages
from backoffice.i18n import language
from backoffice.services.audiences import PUBLIC, SIGNED_IN, Pages


async def echo(scope, receive, send):
    await PlainTextResponse(f"{language()} {scope['path']}")(scope, receive, send)


@pytest.fixture
def client(tmp_path, monkeypatch) -> TestClient:
    for name in ("fr/partner/index.html", "fr/__spa-fallback.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Bonjour")
    known = Pages()
    known.add("/partner", SIGNED_IN)
    known.add("/partner/documents/[document]", SIGNED_IN)
    known.add("/login", PUBLIC)
    monkeypatch.setattr(languages, "pages", known)
    return TestClient(languages.Languages(languages.TranslatedPages(echo, folder=tmp_path)))


def asked(client: TestClient, path: str, wish: str = "fr", **headers: str):
    return client.get(path, headers={"Accept-Language": wish, **headers})


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.4, fr;q=0.5", "fr"),
        ("fr;q=0, en", "en"),
        ("fr;q=oops", "en"),
        ("tlh", "en"),
        ("", "en"),
        ("," * 5_000, "en"),
    ],
)
def test_a_browser_is_given_the_first_of_its_wishes_that_we_have(header, code):
    assert languages.wanted(Headers({"accept-language": header}), []) == code


def test_what_was_chosen_goes_before_what_the_browser_asks_for():
    assert languages.wanted(Headers({"accept-language": "fr"}), [(b"cookie", b"a=b; language=en")]) == "en"
    assert languages.wanted(Headers({}), [(b"cookie", b"language=fr")]) == "fr"
    assert languages.wanted(Headers({}), [(b"cookie", b"language=../../etc")]) == "en"


def test_a_page_comes_from_the_copy_of_its_language_and_says_what_it_depends_on(client):
    answer = asked(client, "/partner")
    assert answer.text == "fr /fr/partner/index.html"
    assert answer.headers["vary"] == "Cookie, Accept-Language"
    assert asked(client, "/partner", "en").text == "en /partner"
    assert asked(client, "/partner", "en").headers["vary"] == "Cookie, Accept-Language"


@pytest.mark.parametrize("name", ["doc_1", "x" * 300, "..%2f..%2fetc"])
def test_a_page_with_an_id_in_its_address_is_the_fallback_whatever_the_id(client, name):
    assert asked(client, f"/partner/documents/{name}").text in {
        "fr /fr/__spa-fallback.html",
        f"fr /partner/documents/{name.replace('%2f', '/')}",  # no page of ours: left alone
    }


@pytest.mark.parametrize("path", ["/login", "/assets/a.js", "/nothing/here"])
def test_what_is_no_page_behind_the_sign_in_keeps_its_address(client, path):
    assert asked(client, path).text == f"fr {path}"


@pytest.mark.parametrize("path", ["/api/v1/documents", "/files/token", "/exports/exp_1", "/billing/inv_1.pdf"])
def test_programs_and_files_are_answered_in_english(client, path):
    assert asked(client, path, Cookie="language=fr").text == f"en {path}"


def test_no_request_leaves_its_language_behind(client):
    asked(client, "/partner")
    assert language() == "en"
