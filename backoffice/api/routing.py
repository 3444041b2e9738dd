"""What the framework's routing leaves out: line breaks, every method in `Allow`, and names that are no ids."""

import re
from collections.abc import Iterator
from typing import NoReturn, TypeVar

from fastapi import FastAPI, Request
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

R = TypeVar("R", Route, Mount)


def whole(route: R) -> R:
    """Let a route take line breaks too: without, such an address falls through to the framework's plain text."""
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


def allowed_methods(request: Request) -> str:
    """List every method of an address (RFC 9110 §10.2.1): the framework names those of one function only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    found = [route for route in _real(request.app) if route.path_regex.match(path)]
    exact = min((_unknowns(route) for route in found), default=0)
    methods = {method for route in found if _unknowns(route) == exact for method in route.methods or ()}
    return ", ".join(sorted(methods))


def refuse_names_as_ids(app: FastAPI) -> None:
    """Let `GET /documents/uploads` say that this address has no GET, instead of looking for a document of that name."""
    routes = list(_real(app))
    for path in sorted({str(route.path_format) for route in routes if not _unknowns(route)}):
        known = {method for route in routes if route.path_format == path for method in route.methods or ()}
        taken = {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}
        if taken - known:
            app.router.routes.insert(0, Route(path, _refuse, methods=sorted(taken - known), include_in_schema=False))


def _refuse(_: Request) -> NoReturn:
    raise HTTPException(405)


def _real(app: FastAPI) -> Iterator[RouteContext]:
    return (route for route in iter_route_contexts(app.routes) if route.endpoint is not _refuse)


def _unknowns(route: RouteContext) -> int:
    return (route.path_format or "").count("{")
