"""Builds `app`: pages, the doors in front of them, the API, and what runs beside the requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import reflex as rx
from fastapi import FastAPI
from reflex.state import FrontendEventExceptionState
from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from backoffice import db
from backoffice.adapters import error_reports, live, logs, outbound, roots
from backoffice.adapters.own_api import own_api
from backoffice.api import demo_receiver, health, languages
from backoffice.api.app import MOUNTED_AT, partner_api
from backoffice.api.csp import policy, script_hashes
from backoffice.api.files_host import FilesHost
from backoffice.api.guards import FormGuard, SafeHeaders, Shut
from backoffice.api.missing_pages import MissingPages
from backoffice.api.page_guard import PageGuard
from backoffice.api.routing import whole
from backoffice.api.socket_guard import SOCKET_PATH, SocketGuard
from backoffice.api.status_board import board
from backoffice.api.stream_wakes import wakes
from backoffice.errors import Unavailable
from backoffice.i18n import pages as translated
from backoffice.jobs import regions
from backoffice.pages.account import security
from backoffice.pages.layout import APP_WRAPS, STYLESHEETS, head
from backoffice.pages.public import invite, passkeys, reset, saml, sign_in, sso, status, step_up, unsubscribe
from backoffice.routes import add_pages
from backoffice.services import copies
from backoffice.services.request_log import request_log
from backoffice.settings import settings
from backoffice.state import door, failures, locks
from backoffice.state.gate import EventGate
from backoffice.state.live import hub
from backoffice.state.notices import alarm


def _demo_routes() -> list[BaseRoute]:
    """Serve the demo's own partners, in the demo only."""
    if not settings().demo:
        return []
    receiver = FastAPI(openapi_url=None)
    receiver.include_router(demo_receiver.router)
    return [Route("/demo/receiver/{slug}", endpoint=receiver)]


def _front() -> Starlette:
    """Collect what plain HTTP serves before Reflex is asked.

    Pictures go through the API's own code, and so does every wrong address below `/api`: a program gets no page.
    """
    return Starlette(
        routes=[
            *health.routes,
            *status.routes,
            *sign_in.routes,
            *passkeys.routes,
            *step_up.routes,
            *sso.routes,
            *saml.routes,
            *invite.routes,
            *reset.routes,
            *security.routes,
            *unsubscribe.routes,
            *languages.routes,
            *_demo_routes(),
            Route("/files/{token}", endpoint=partner_api),
            Route("/exports/{export}", endpoint=partner_api),
            Route("/billing/{invoice}.pdf", endpoint=partner_api),
            whole(Mount(MOUNTED_AT, partner_api)),
            *(whole(Route(path, endpoint=partner_api)) for path in ("/api", "/api/{nothing:path}")),
        ]
    )


def _doors() -> list[Any]:
    """Line the doors up, the innermost first: each wraps what stands before it."""
    built = get_web_dir() / Dirs.STATIC
    content_policy = policy(script_hashes(built), settings().origins, settings().files_url)
    return [
        _front(),
        partial(MissingPages, missing_page=sign_in.missing_page),
        partial(languages.TranslatedPages, folder=built),
        FormGuard,
        partial(PageGuard, denied_page=sign_in.denied_page),
        SocketGuard,
        Shut,
        languages.Languages,
        FilesHost,
        partial(SafeHeaders, content_policy=content_policy),
    ]


@asynccontextmanager
async def _resources() -> AsyncIterator[None]:
    """Log as JSON lines, keep the log of API requests, and give connections back at the end."""
    logs.configure("web")
    error_reports.configure("web")
    if settings().demo:
        await demo_receiver.call_for_webhooks()
    await regions.check()
    with suppress(Unavailable):  # a first reading in the middle of a request would hold up all the others
        await asyncio.to_thread(roots.ring)
    async with request_log.kept():
        yield
    copies.close()
    await outbound.close()
    await live.close()
    await db.close()
    await asyncio.to_thread(error_reports.close)


class Product(rx.App):
    """Reflex's app with our state manager.

    Its outermost route takes every address: one with a line break gets its answer from us too.
    """

    def _setup_state(self) -> None:
        super()._setup_state()
        self._state_manager = locks.careful(self._state_manager)

    def _compile(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Mark the texts of an export for the other languages; no plugin is asked between the two."""
        super()._compile(*arguments, **options)
        if options.get("trigger") == "export":
            translated.mark(get_web_dir())

    def __call__(self) -> ASGIApp:
        """Build what the server runs."""
        built = super().__call__()
        for route in getattr(built, "routes", ()):
            whole(route)
        return built


def _own_api() -> ASGIApp:
    """Serve the API to our own pages, under the paths that it has outside."""
    return languages.Languages(Starlette(routes=[whole(Mount(MOUNTED_AT, partner_api))]))


def _build() -> rx.App:
    built = Product(
        stylesheets=STYLESHEETS,
        head_components=head(),
        html_lang="en",
        extra_app_wraps=APP_WRAPS,
        toaster=None,
        api_transformer=_doors(),
        backend_exception_handler=failures.tell,
        frontend_exception_handler=failures.note,
    )
    FrontendEventExceptionState.auto_reload_on_errors = []
    built.add_middleware(EventGate(alarm))
    sockets = door.install(built, SOCKET_PATH)

    async def watch_sessions() -> None:
        await sockets.run(hub)

    hub.on_name(wakes.heard)
    own_api.serve(_own_api())
    for task in (_resources, hub.run, watch_sessions, board.run):
        built.register_lifespan_task(task)
    add_pages(built)
    return built


app = _build()
