"""Each line of "Bad input": refused with a code and a place, before anything is stored."""

import io
import json
import zlib

import pikepdf
import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.settings import settings
from tests.api.world import files, passport, picture

URL = "/api/v1/documents"
MEGABYTE = 1024 * 1024


async def count(world):
    async with transaction(Tenancy.everyone()) as session:
        sql = """select (select count(*) from documents where partner_id = :p),
                        (select count(*) from applicants where partner_id = :p)"""
        return tuple((await session.execute(text(sql), {"p": world.partner_id})).one())


def stored(world):
    return [path for path in (settings().data_dir / "documents").rglob(f"{world.partner_id}/**/*") if path.is_file()]


async def refused(client, world, code, *, status=422, place=None, **request):
    answer = await client.post(URL, headers=await world.headers() | request.pop("headers", {}), **request)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if place is not None:
        assert [one["pointer"] for one in body["errors"]] == [place]
    assert await count(world) == (0, 0)
    assert stored(world) == []
    return body


def pdf(pages=1, *, password=None, script=False):
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        if script:
            document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.save(buffer, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return buffer.getvalue()


def bomb():
    """A PNG that says it holds 30000 by 30000 pixels."""

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = (30000).to_bytes(4) + (30000).to_bytes(4) + b"\x01\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 3751 * 200))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "html": (b"<!doctype html><script>alert(1)</script>", 415, "unsupported_media_type"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 415, "unsupported_media_type"),
    "exe": (b"MZ\x90\x00" + b"\x00" * 500, 415, "unsupported_media_type"),
    "empty": (b"", 422, "file_empty"),
    "truncated": (passport()[: len(passport()) // 3], 422, "file_corrupt"),
    "bomb": (bomb(), 413, "file_too_large"),
    "encrypted pdf": (pdf(password="secret"), 422, "file_encrypted"),
    "11 pages": (pdf(11), 422, "too_many_pages"),
    "script pdf": (pdf(script=True), 422, "active_content"),
    "tiny": (picture(size=(40, 30)), 422, "image_too_small"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_named_jpg(client, acme, name):
    data, status, code = HOSTILE[name]
    await refused(client, acme, code, status=status, place="/files/1", files=files(picture(), data))


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        ({"surprise": "x"}, "unknown_field", "/surprise"),
        ({"a/b~c": "x"}, "unknown_field", "/a~1b~0c"),
        ({"issuing_country": "FR"}, "invalid_country", "/issuing_country"),
        ({"issuing_country": "fra"}, "invalid_country", "/issuing_country"),
        ({"issuing_country": "XXQ"}, "invalid_country", "/issuing_country"),
        ({"type": "library_card"}, "invalid_choice", "/type"),
        ({"type": ""}, "invalid_choice", "/type"),
        ({"sides": "top"}, "invalid_choice", "/sides/0"),
        ({"sides": "front,back"}, "sides_mismatch", "/sides"),
        ({"type": ["passport", "passport"]}, "duplicate_field", "/type"),
        ({"external_id": "a\x00b"}, "control_characters", "/external_id"),
        ({"external_id": "a\nb"}, "control_characters", "/external_id"),
        ({"external_id": " "}, "invalid_value", "/external_id"),
        ({"external_id": "x" * 201}, "too_long", "/external_id"),
        ({"metadata": "{"}, "invalid_json", "/metadata"),
        ({"metadata": "[]"}, "invalid_type", "/metadata"),
        ({"metadata": "NaN"}, "invalid_json", "/metadata"),
        ({"metadata": '{"a": NaN}'}, "invalid_json", "/metadata"),
        ({"metadata": '{"a": 1e999}'}, "out_of_range", "/metadata/a"),
        ({"metadata": '{"a": 1, "a": 2}'}, "invalid_json", "/metadata"),
        ({"metadata": '{"a": "\\u0000"}'}, "control_characters", "/metadata/a"),
        ({"metadata": '{"a": "\\ud800"}'}, "control_characters", "/metadata/a"),
        ({"metadata": "[" * 15000}, "invalid_json", "/metadata"),
        ({"metadata": '{"a":' * 9 + "1" + "}" * 9}, "too_long", "/metadata/a/a/a/a/a/a/a/a"),
        ({"metadata": json.dumps({"a": "x" * 17000})}, "metadata_too_large", "/metadata"),
        ({"applicant": json.dumps({"a": "x" * 17000})}, "too_long", "/applicant"),
        ({"applicant": json.dumps({"nickname": "x"})}, "unknown_field", "/applicant/nickname"),
        ({"applicant": json.dumps({"date_of_birth": 0})}, "invalid_date", "/applicant/date_of_birth"),
        ({"applicant": json.dumps({"date_of_birth": "631152000"})}, "invalid_date", "/applicant/date_of_birth"),
        ({"applicant": json.dumps({"date_of_birth": "1990-02-30"})}, "invalid_date", "/applicant/date_of_birth"),
        ({"applicant": json.dumps({"surname": 5})}, "invalid_type", "/applicant/surname"),
        ({"applicant": json.dumps({"surname": "a\u0007"})}, "control_characters", "/applicant/surname"),
        ({"applicant": json.dumps({"nationality": "ZZZ"})}, "invalid_country", "/applicant/nationality"),
    ],
)
async def test_wrong_fields_are_named(client, acme, data, code, place):
    body = await refused(client, acme, code, place=place, files=files(), data=data)
    assert "library_card" not in json.dumps(body)


async def test_no_file_at_all(client, acme):
    await refused(client, acme, "missing", place="/files", files=[("type", (None, b"passport"))])
    await refused(client, acme, "invalid_type", place="/files", files=[("files", (None, b"text"))])
    await refused(client, acme, "unknown_field", place="/photo", files=[("photo", ("a.jpg", picture()))])


async def test_a_file_needs_no_name_when_it_says_what_it_is(client, acme):
    """RFC 7578 §4.2: a filename is usual, not required."""
    head = b'--b\r\nContent-Disposition: form-data; name="files"\r\nContent-Type: image/jpeg\r\n\r\n'
    headers = await acme.headers() | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await client.post(URL, headers=headers, content=head + picture() + b"\r\n--b--\r\n")
    assert answer.status_code == 201, answer.text
    assert answer.json()["files"][0]["mime_type"] == "image/jpeg"


async def test_seven_files(client, acme):
    await refused(client, acme, "too_many_files", place="/files/6", files=files(*[picture()] * 7))


async def test_sixteen_megabytes(client, acme):
    data = picture() + b"\0" * (16 * MEGABYTE)
    await refused(client, acme, "file_too_large", status=413, place="/files/0", files=files(data))


async def test_a_declared_length_far_over_the_limit_is_refused(client, acme):
    async def endless():
        yield b"--x\r\n"

    headers = {"Content-Length": str(300 * MEGABYTE), "Content-Type": "multipart/form-data; boundary=x"}
    await refused(client, acme, "request_too_large", status=413, headers=headers, content=endless())


@pytest.mark.parametrize(
    ("name", "filename", "code"),
    [
        (b"files", b"\xff\xfe.jpg", "invalid_encoding"),
        (b"f\xffiles", b"a.jpg", "invalid_encoding"),
        (b"files", b"a\x01.jpg", "control_characters"),
        (b"external_id\x07", None, "control_characters"),
    ],
)
async def test_names_must_be_clean_utf8(client, acme, name, filename, code):
    part = b'; filename="' + filename + b'"' if filename else b""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="'
        + name
        + b'"'
        + part
        + b"\r\n\r\n"
        + picture()
        + b"\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await client.post(URL, headers=await acme.headers() | headers, content=body)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {code, "malformed_multipart"}
    assert await count(acme) == (0, 0)


async def test_names_that_would_climb_are_harmless(client, acme):
    for name in ("../../etc/passwd", "a" * 300 + ".jpg", "\u202egpj.exe", "C:\\con.jpg", "%00.jpg"):
        answer = await client.post(URL, headers=await acme.headers(), files=[("files", (name, picture()))])
        assert answer.status_code == 201, name
    assert all(path.name.count("-") == 4 for path in stored(acme))


async def test_values_must_be_utf8(client, acme):
    body = b'--b\r\nContent-Disposition: form-data; name="external_id"\r\n\r\n\xff\xfe\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    await refused(client, acme, "invalid_encoding", place="/external_id", headers=headers, content=body)


@pytest.mark.parametrize(
    ("content_type", "body", "refusal"),
    [
        ("application/json", b"{}", (415, "unsupported_media_type")),
        ("text/plain", b"{}", (415, "unsupported_media_type")),
        ("multipart/form-data", b"", (415, "unsupported_media_type")),
        ("multipart/form-data; boundary=b", b"", (400, "malformed_multipart")),
        ("multipart/form-data; boundary=b", b"junk", (400, "malformed_multipart")),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
            (400, "malformed_multipart"),
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="type"\r\n\r\npass',
            (400, "malformed_multipart"),
        ),
        ("multipart/form-data; boundary=" + "b" * 5000, b"x", (400, "malformed_multipart")),
        ("", b"", (415, "unsupported_media_type")),
    ],
)
async def test_bodies_that_are_no_form(client, acme, content_type, body, refusal):
    status, code = refusal
    await refused(client, acme, code, status=status, headers={"Content-Type": content_type}, content=body)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "out_of_range"),
        ({"limit": "101"}, "out_of_range"),
        ({"limit": "ten"}, "invalid_type"),
        ({"cursor": "doc_nonsense"}, "invalid_cursor"),
        ({"cursor": "ver_" + "0" * 26}, "invalid_cursor"),
        ({"status": "lost"}, "invalid_choice"),
        ({"type": "library_card"}, "invalid_choice"),
        ({"created_after": "yesterday"}, "invalid_date"),
        ({"created_after": "0"}, "invalid_date"),
        ({"created_after": "2026-01-01T00:00:00"}, "invalid_date"),
        ({"created_after": "2026-13-01T00:00:00Z"}, "invalid_date"),
        ({"q": "a\x00"}, "control_characters"),
        ({"q": "x" * 201}, "too_long"),
        ({"page": "2"}, "unknown_field"),
    ],
)
async def test_wrong_queries(client, acme, query, code):
    answer = await client.get(URL, headers=await acme.headers(), params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(query))}")
    assert "library_card" not in answer.text


async def test_a_query_on_an_operation_that_takes_none(client, acme):
    answer = await client.post(f"{URL}?force=1", headers=await acme.headers(), files=files())
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")
