"""`/status` and `/status.json`: how we do, for everybody; plain HTTP, one measurement for all who ask."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from backoffice.api.auth import client_ip
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.status_board import Report, board
from backoffice.errors import TooMany
from backoffice.i18n import gettext
from backoffice.models.status_samples import Component
from backoffice.pages.public import sign_in_html, status_html

FRESH = "max-age=5"


async def show(request: Request) -> Response:
    """Show how we do, also while the database or Redis is away."""
    fonts = sign_in_html.built_fonts()
    try:
        await limit(request, ANONYMOUS, client_ip(request))
    except TooMany as error:
        title = gettext("Too many requests")
        html = sign_in_html.message_page(error.status, title, str(error), fonts=fonts)
        return HTMLResponse(html, error.status, headers=_told(request, error))
    html = status_html.status_page(await board.report(), fonts=fonts)
    headers = _told(request) | {"Cache-Control": f"private, {FRESH}", "Vary": "Cookie, Accept-Language"}
    return HTMLResponse(html, headers=headers)


async def read(request: Request) -> Response:
    """Tell the same to a program."""
    try:
        await limit(request, ANONYMOUS, client_ip(request))
    except TooMany as error:
        body = {"title": "Too many requests", "status": error.status, "code": error.code, "detail": str(error)}
        return JSONResponse(body, error.status, _told(request, error), "application/problem+json")
    headers = _told(request) | {"Cache-Control": f"private, {FRESH}"}
    return JSONResponse(represent(await board.report()), headers=headers)


def _told(request: Request, error: TooMany | None = None) -> dict[str, str]:
    fields = dict(getattr(request.state, "rate_headers", {}))
    return fields | ({"Retry-After": str(error.retry_after), "Cache-Control": "no-store"} if error else {})


def represent(report: Report) -> dict[str, Any]:
    """Write words and shares of days, and no amounts."""
    return {
        "status": report.worst,
        "checked_at": report.checked_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "components": [
            {"id": component, "status": report.known[component], "days": _days(report, component)}
            for component in Component
        ],
    }


def _days(report: Report, component: Component) -> list[dict[str, Any]] | None:
    """Tell the days that were measured, each with its shares of the day; None while they cannot be read."""
    if report.history is None:
        return None
    return [
        {"date": day.day.isoformat(), "measured": round(day.measured / day.slots, 4)}
        | {status: round(count / day.slots, 4) for status, count in day.counts.items()}
        for day in report.history[component]
        if day.measured
    ]


routes = [
    Route("/status", show, methods=["GET"]),
    Route("/status/", show, methods=["GET"]),
    Route("/status.json", read, methods=["GET"]),
]
