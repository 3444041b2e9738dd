"""The cookies of a session, of a known browser and of a sign-in at a provider: nobody else knows names and flags."""

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


def browser_name() -> str:
    """Name the cookie by which a browser is known to people who have signed in with it."""
    return "__Host-known" if settings().is_secure else "known"


def keep_browser(response: Response, kept: str) -> None:
    """Let a browser be known for as long as nobody forgets it; Lax, since a provider's answer comes from another place.

    Signing out leaves it where it is.
    """
    seconds = settings().keep_browsers_days * 86_400
    response.set_cookie(
        browser_name(), kept, max_age=seconds, path="/", secure=settings().is_secure, httponly=True, samesite="lax"
    )


def provider_name() -> str:
    """Name the cookie that binds a provider's answer to the browser that was sent there."""
    return "__Host-sso" if settings().is_secure else "sso"


def keep_for_provider(response: Response, secret: str, seconds: int) -> None:
    """Give a browser what its answer has to come back with; Lax, since it comes back from another place."""
    response.set_cookie(
        provider_name(), secret, max_age=seconds, path="/", secure=settings().is_secure, httponly=True, samesite="lax"
    )


def drop_for_provider(response: Response) -> None:
    """Take it away again: an answer was looked at, whatever came of it."""
    response.delete_cookie(provider_name(), path="/", secure=settings().is_secure, httponly=True, samesite="lax")
