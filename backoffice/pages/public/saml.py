"""A provider that speaks SAML as plain HTTP: our metadata, its answer by POST, and the page where its browser is known.

The answer is a form of another site, so no cookie of ours comes with it (SameSite=Lax). It is laid by unread, and the
browser goes on with a GET, which carries the cookie; only then it is looked at.
"""

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.api import cookies
from backoffice.api.guards import MAX_ANSWER_BYTES
from backoffice.api.visitors import visitor_of
from backoffice.errors import BackofficeError, NotFound
from backoffice.pages.public.passkeys import NO_STORE
from backoffice.pages.public.sign_in import MAX_FIELD, SEE_OTHER
from backoffice.pages.public.sso import Answer, judged, refused
from backoffice.services import saml_settings, sso_requests, sso_sign_in
from backoffice.services.saml_answers import FIELD
from backoffice.services.saml_settings import ACS, METADATA

ANSWER = "/auth/sso/answer"
METADATA_TYPE = "application/samlmetadata+xml"


async def metadata(request: Request) -> Response:
    """Tell a partner's provider who we are."""
    try:
        told = saml_settings.metadata(request.path_params["partner"])
    except NotFound:
        return PlainTextResponse("Not found", 404, NO_STORE)
    return Response(told, media_type=METADATA_TYPE, headers=NO_STORE)


async def post(request: Request) -> Response:
    """Lay an answer by, and send its browser to the page that reads it."""
    partner = request.path_params["partner"]
    try:
        form = await request.form(max_files=0, max_fields=10, max_part_size=MAX_ANSWER_BYTES)
        state, response = (str(form.get(name, "")) for name in ("RelayState", FIELD))
        handle = await sso_sign_in.lay_by(state[:MAX_FIELD], partner, response, visitor_of(request))
    except BackofficeError as error:
        return refused(request, error, "")
    return RedirectResponse(f"{ANSWER}/{quote(partner)}?{urlencode({'answer': handle})}", SEE_OTHER, NO_STORE)


async def answer(request: Request) -> Response:
    """Take the answer that was laid by; it is looked at once, in the browser that asked."""
    cookie = cookies.read(request.scope["headers"], cookies.provider_name())

    async def take() -> Answer:
        handle = request.query_params.get("answer", "")[:MAX_FIELD]
        asked, response = await sso_requests.fetch(handle, cookie, request.path_params["partner"])
        return asked, {FIELD: response}

    return await judged(request, take)


routes = [
    Route(f"{METADATA}/{{partner}}", metadata, methods=["GET"]),
    Route(f"{ACS}/{{partner}}", post, methods=["POST"]),
    Route(f"{ANSWER}/{{partner}}", answer, methods=["GET"]),
]
