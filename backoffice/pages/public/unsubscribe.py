"""`/unsubscribe/<token>`: stops letters of one kind, by a person's press or by a mail program's (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backoffice.api.visitors import visitor_of
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.i18n import N_, gettext
from backoffice.models.letter_kinds import LetterKind
from backoffice.pages.public import sign_in_html
from backoffice.pages.public.sign_in_html import said
from backoffice.services import letter_preferences

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
WORDS = {
    LetterKind.WEBHOOKS: N_("You get no more notices about webhooks. Your settings turn them on again."),
    LetterKind.EXPORTS: N_("You get no more letters that an export is ready. Your settings turn them on again."),
    LetterKind.ALERTS: N_("You get no more letters about alerts. Your settings turn them on again."),
}
SETTINGS = "/partner/settings"


async def ask(request: Request) -> Response:
    """Ask before anything changes: scanners open every link of a letter."""
    try:
        _, kind = letter_preferences.read(request.path_params["token"])
    except NotFound as error:
        return _said(error.status, gettext("This link does not work"), str(error))
    body = f"""<div class="card" data-testid="unsubscribe">
<h1>{said("Stop these letters?")}</h1>
<p>{said(WORDS[kind])}</p>
<form method="post">
<button class="primary" type="submit" data-testid="unsubscribe-submit">{said("Stop them")}</button>
</form>
</div>"""
    html = sign_in_html.page(gettext("Letters"), body, sign_in_html.built_fonts())
    return HTMLResponse(html, headers=HEADERS)


async def stop(request: Request) -> Response:
    """Stop them; again is as good as once."""
    visitor = visitor_of(request)
    try:
        async with transaction(Tenancy.everyone()) as session:
            kind = await letter_preferences.stop(
                session, request.path_params["token"], ip=visitor.ip, request_id=visitor.request_id
            )
    except NotFound as error:
        return _said(error.status, gettext("This link does not work"), str(error))
    return _said(200, gettext("Stopped"), gettext(WORDS[kind]))


def _said(status: int, title: str, text: str) -> Response:
    html = sign_in_html.message_page(
        status, title, text, actions=((gettext("Settings"), SETTINGS),), fonts=sign_in_html.built_fonts()
    )
    return HTMLResponse(html, status, headers=HEADERS)


routes = [
    Route("/unsubscribe/{token}", ask, methods=["GET"]),
    Route("/unsubscribe/{token}", stop, methods=["POST"]),
]
