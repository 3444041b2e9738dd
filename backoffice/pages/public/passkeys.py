"""Signing in with a passkey as plain HTTP: options as JSON, the answer in a form (docs/decisions/0007)."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.adapters.authenticators import MOST_BYTES
from backoffice.api import cookies
from backoffice.api.visitors import visitor_of
from backoffice.errors import BackofficeError, TooMany
from backoffice.pages.public.sign_in import CODE_PAGE, SEE_OTHER, too_many, ways_of, went_well
from backoffice.services import passkey_enrolment, passkey_sign_in
from backoffice.services.audiences import SIGN_IN_PAGE

NO_STORE = {"Cache-Control": "no-store"}


async def options(asked: Awaitable[str]) -> Response:
    """Answer what a browser asks a device for; what goes wrong is one sentence for its person."""
    try:
        return Response(await asked, media_type="application/json", headers=NO_STORE)
    except BackofficeError as error:
        waits = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
        return JSONResponse({"error": str(error), "code": error.code}, error.status, NO_STORE | waits)


async def sign_in_options(request: Request) -> Response:
    """Ask for whichever passkey somebody chooses."""
    return await options(passkey_sign_in.begin(visitor_of(request)))


async def second_step_options(request: Request) -> Response:
    """Ask for a passkey of whoever's password was right."""
    secret = cookies.secret_in(request.scope["headers"])
    return await options(passkey_sign_in.begin_second_step(secret, visitor_of(request)))


async def check_alone(request: Request) -> Response:
    """Take a passkey in place of password and code."""

    async def check(text: str, secret: str) -> passkey_sign_in.Step:
        return await passkey_sign_in.with_passkey(text, visitor_of(request), previous=secret)

    return await _checked(request, check, SIGN_IN_PAGE)


async def check_second_step(request: Request) -> Response:
    """Take a passkey after the password."""

    async def check(text: str, secret: str) -> passkey_sign_in.Step:
        return await passkey_sign_in.as_second_step(secret, text, visitor_of(request))

    return await _checked(request, check, CODE_PAGE)


async def making_options(request: Request) -> Response:
    """Ask for the first passkey of whose role needs one."""
    secret = cookies.secret_in(request.scope["headers"])
    return await options(passkey_enrolment.begin(secret, visitor_of(request)))


async def make(request: Request) -> Response:
    """Take the first passkey, which ends the sign-in."""

    async def check(text: str, secret: str) -> passkey_sign_in.Step:
        return await passkey_enrolment.finish(secret, text, visitor_of(request))

    return await _checked(request, check, CODE_PAGE)


async def _checked(
    request: Request, check: Callable[[str, str], Awaitable[passkey_sign_in.Step]], back: str
) -> Response:
    form = await request.form(max_files=0, max_fields=10)
    ways, secret = ways_of(form), cookies.secret_in(request.scope["headers"])
    try:
        step = await check(str(form.get("passkey", ""))[: MOST_BYTES + 1], secret)
    except TooMany as error:
        return too_many(error, ways)
    except BackofficeError as error:
        place = SIGN_IN_PAGE if error.code == "start_again" else back
        return RedirectResponse(place + ways.query(problem=error.code), SEE_OTHER)
    return went_well(request, step, ways)


routes = [
    Route("/auth/passkey/options", sign_in_options, methods=["POST"]),
    Route("/auth/passkey", check_alone, methods=["POST"]),
    Route("/auth/passkey/second-step/options", second_step_options, methods=["POST"]),
    Route("/auth/passkey/second-step", check_second_step, methods=["POST"]),
    Route("/auth/passkey/first/options", making_options, methods=["POST"]),
    Route("/auth/passkey/first", make, methods=["POST"]),
]
