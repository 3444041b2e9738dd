"""The session's cookie: the only place that knows its name and flags."""

from collections.abc import Iterable

from starlette.responses import Response

from backoffice.settings import settings


def name() -> str:
    """Name the cookie; behind TLS the prefix makes browsers refuse a copy that a subdomain planted (RFC 6265bis)."""
    return "__Host-sid" if settings().is_secure else "sid"


def secret_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Read the session's secret from raw ASGI headers; "" without one."""
    return read(headers, name())


def read(headers: Iterable[tuple[bytes, bytes]], cookie: str) -> str:
    """Read one cookie from raw ASGI headers; "" without it."""
    for key, value in headers:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                label, _, text = part.strip().partition("=")
                if label == cookie:
                    return text
    return ""


def keep(response: Response, secret: str) -> None:
    """Give the browser its secret; the server ends it, so the cookie itself has no end but the browser's."""
    response.set_cookie(name(), secret, path="/", secure=settings().is_secure, httponly=True, samesite="lax")


def drop(response: Response) -> None:
    """Take the secret away again, with everything else that this origin left in the browser."""
    response.delete_cookie(name(), path="/", secure=settings().is_secure, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
