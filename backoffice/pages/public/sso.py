"""Single sign-on as plain HTTP: a page that finds the company, a link to its provider, and the answer that comes back.

The way there is a GET, since our policy lets no form redirect to another place. A cookie of its own binds the answer
to the browser that asked.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.api import cookies
from backoffice.api.visitors import browser_actor, visitor_of
from backoffice.errors import BackofficeError, TooMany
from backoffice.i18n import N_, gettext
from backoffice.pages.public import sign_in_html, sso_html
from backoffice.pages.public.passkeys import NO_STORE
from backoffice.pages.public.sign_in import MAX_FIELD, SEE_OTHER, ways_of, went_well
from backoffice.services import sso_answers, sso_places, sso_requests, sso_sign_in, sso_step_up
from backoffice.services.audiences import SIGN_IN_PAGE, home_of, local_path
from backoffice.services.sso_answers import Way
from backoffice.services.sso_connections import CALLBACK, PAGE
from backoffice.services.sso_requests import Asked

START, FIND = "/auth/sso/start", "/auth/sso/find"
SECURITY = "/account/security"
CONFIRM, CONFIRMED = "/auth/sso/confirm", "/auth/sso/confirmed"
Answer = tuple[Asked, dict[str, str]]
"""What was asked, and what came back."""
GIVEN = ("code", "error", "iss")
AWAY = N_("Your company's provider does not answer as it should. Try again in a moment, or ask your administrator.")
UNKNOWN = N_("No company signs in with addresses like this one. Look at it again, or sign in with your password.")


async def find(request: Request) -> Response:
    """Ask whose single sign-on it is."""
    ways = ways_of(dict(request.query_params))
    if (actor := await browser_actor(request)) is not None:
        return RedirectResponse(ways.next or home_of(actor), SEE_OTHER)
    error = gettext(UNKNOWN) if request.query_params.get("problem") == "sso_none" else None
    return HTMLResponse(sso_html.find_page(error, "", ways.next, fonts=sign_in_html.built_fonts()), headers=NO_STORE)


async def found(request: Request) -> Response:
    """Take the address, whose domain says where to go on; the address itself goes nowhere."""
    form = await request.form(max_files=0, max_fields=10)
    ways = ways_of(form)
    try:
        slug = await sso_places.of_address(str(form.get("email", ""))[:MAX_FIELD], visitor_of(request))
    except BackofficeError as error:
        if isinstance(error, TooMany):
            return refused(request, error, "")
        return RedirectResponse(PAGE + ways.query(problem=error.code), SEE_OTHER)
    return RedirectResponse(f"{PAGE}/{quote(slug)}{ways.query()}", SEE_OTHER)


async def company(request: Request) -> Response:
    """Offer the way to one company's provider."""
    ways, slug = ways_of(dict(request.query_params)), request.path_params["org"]
    if (actor := await browser_actor(request)) is not None:
        return RedirectResponse(ways.next or home_of(actor), SEE_OTHER)
    try:
        place = await sso_answers.place(slug)
    except BackofficeError as error:
        return refused(request, error, "")
    url = f"{START}?{urlencode({'org': slug} | ({'next': ways.next} if ways.next else {}))}"
    return HTMLResponse(sso_html.start_page(place.name, url, fonts=sign_in_html.built_fonts()), headers=NO_STORE)


async def start(request: Request) -> Response:
    """Send a browser to its company's provider; from a page of ours only, and nobody who is signed in."""
    ways, slug = ways_of(dict(request.query_params)), request.query_params.get("org", "")[:MAX_FIELD]
    if not _is_from_here(request):
        return RedirectResponse(f"{PAGE}/{quote(slug)}{ways.query()}", SEE_OTHER)
    if (actor := await browser_actor(request)) is not None:
        return RedirectResponse(ways.next or home_of(actor), SEE_OTHER)
    try:
        way = await sso_sign_in.begin(slug, ways.next, visitor_of(request))
    except BackofficeError as error:
        return refused(request, error, slug)
    return _away(way)


async def confirm(request: Request) -> Response:
    """Send somebody who is signed in to their provider, which asks them anew."""
    actor, there = await browser_actor(request), _there(request.query_params.get("next", ""))
    if actor is None:
        return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode({'next': there})}", SEE_OTHER)
    if not _is_from_here(request):
        return RedirectResponse(SECURITY, SEE_OTHER)
    try:
        way = await sso_step_up.begin(actor, there, visitor_of(request))
    except BackofficeError as error:
        return refused(request, error, "")
    return _away(way)


async def confirmed(request: Request) -> Response:
    """End the tab in which somebody confirmed: the one with their work is another."""
    if await browser_actor(request) is None:
        return RedirectResponse(SIGN_IN_PAGE, SEE_OTHER)
    return HTMLResponse(sso_html.confirmed_page(fonts=sign_in_html.built_fonts()), headers=NO_STORE)


def _is_from_here(request: Request) -> bool:
    """Say whether a page of ours led here.

    Another site could else sign somebody in as itself, or spend the tries of who is signed in. Browsers say so by
    themselves (Fetch Metadata); old ones say nothing.
    """
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _there(asked: str) -> str:
    """Say where a confirmation leads: to the end of its own tab, or to a page of ours."""
    return CONFIRMED if asked == CONFIRMED else local_path(asked[:MAX_FIELD], SECURITY)


def _away(way: Way) -> Response:
    response = RedirectResponse(way.url, SEE_OTHER, NO_STORE)
    cookies.keep_for_provider(response, way.cookie, sso_requests.LASTS_SECONDS)
    return response


async def callback(request: Request) -> Response:
    """Take what a provider sends back; each answer is looked at once."""
    given = {name: request.query_params[name][: 4 * MAX_FIELD] for name in GIVEN if name in request.query_params}
    cookie = cookies.read(request.scope["headers"], cookies.provider_name())

    async def take() -> Answer:
        state = request.query_params.get("state", "")[:MAX_FIELD]
        return await sso_requests.take(state, cookie, request.path_params["partner"]), given

    return await judged(request, take)


async def judged(request: Request, take: Callable[[], Awaitable[Answer]]) -> Response:
    """Take an answer and say what comes of it."""
    asked: Asked | None = None
    try:
        asked, given = await take()
        response = await _taken(request, asked, given)
    except BackofficeError as error:
        response = refused(request, error, await sso_places.slug_of(asked.partner) if asked else "")
    cookies.drop_for_provider(response)
    return response


async def _taken(request: Request, asked: Asked, given: dict[str, str]) -> Response:
    visitor = visitor_of(request)
    if asked.session_id:
        secret = await sso_step_up.finish(await browser_actor(request), asked, given, visitor)
        response: Response = RedirectResponse(_there(asked.next), SEE_OTHER)
        cookies.keep(response, secret)
        return response
    if (actor := await browser_actor(request)) is not None:
        return RedirectResponse(home_of(actor), SEE_OTHER)  # somebody signed in meanwhile, and stays
    previous = cookies.secret_in(request.scope["headers"])
    step = await sso_sign_in.finish(asked, given, visitor, previous=previous)
    return went_well(request, step, ways_of({"next": asked.next}))


def refused(request: Request, error: BackofficeError, slug: str) -> Response:
    """Say what went wrong; what a provider does not do right is its administrators' to read."""
    sentence = gettext(AWAY) if error.code == "sso_provider" else str(error)
    html = sso_html.refused_page(
        sentence,
        error.code,
        request_id=getattr(request.state, "request_id", ""),
        retry_url=f"{PAGE}/{quote(slug)}" if slug else PAGE,
        fonts=sign_in_html.built_fonts(),
    )
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return HTMLResponse(html, error.status, NO_STORE | waits)


routes = [
    *(Route(path, find, methods=["GET"]) for path in (PAGE, f"{PAGE}/")),
    *(Route(path, company, methods=["GET"]) for path in (f"{PAGE}/{{org}}", f"{PAGE}/{{org}}/")),
    Route(FIND, found, methods=["POST"]),
    Route(START, start, methods=["GET"]),
    Route(f"{CALLBACK}/{{partner}}", callback, methods=["GET"]),
    Route(CONFIRM, confirm, methods=["GET"]),
    Route(CONFIRMED, confirmed, methods=["GET"]),
]
