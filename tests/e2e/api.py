"""What a partner's application does, in the tests."""

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from backoffice import specimens
from tests.e2e.product import Product


def request(
    product: Product,
    method: str,
    path: str,
    *,
    key: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    call = urllib.request.Request(
        f"{product.url}/api/v1{path}",
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {key}", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def multipart(fields: dict[str, str], files: list[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for side, name, data in files:
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="sides"\r\n\r\n{side}\r\n'.encode())
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def post_passport(product: Product, **how: Any) -> dict[str, Any]:
    return post_specimen(product, "passport", **how)


def post_specimen(
    product: Product,
    kind: str,
    *,
    key: str,
    seed: int,
    external_id: str,
    condition: str = "photo",
    applicant: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Post one; without an applicant there is nothing to compare it with, so a person decides it."""
    holder = specimens.person(seed)
    pages = specimens.render(kind, holder, condition=condition, seed=seed)
    fields = {"type": kind, "external_id": external_id}
    if applicant is not None:
        fields["applicant"] = json.dumps(applicant)
    body, content_type = multipart(fields, [(page.side, page.filename, page.data) for page in pages])
    status, document = request(
        product, "POST", "/documents", key=key, body=body, headers={"Content-Type": content_type}
    )
    assert status == 201, document
    return document


def holder_of(seed: int) -> dict[str, str]:
    """What the applicant who holds a specimen would type."""
    holder = specimens.person(seed)
    return {
        "given_names": holder.given_names,
        "surname": holder.surname,
        "date_of_birth": holder.date_of_birth.isoformat(),
    }


def wait_status(product: Product, document_id: str, *wanted: str, key: str, seconds: float = 60) -> dict[str, Any]:
    deadline, seen = time.monotonic() + seconds, "not seen"
    while time.monotonic() < deadline:
        status, document = request(product, "GET", f"/documents/{document_id}", key=key)
        assert status == 200
        seen = document["status"]
        if seen in wanted:
            return document
        time.sleep(0.2)
    raise AssertionError(f"{document_id} is {seen}, not {wanted}")
