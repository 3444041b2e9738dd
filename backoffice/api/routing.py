"""What the framework's routing leaves out: line breaks in an address, and every method in `Allow`."""

import re
from typing import TypeVar

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route

R = TypeVar("R", Route, Mount)


def whole(route: R) -> R:
    """Let a route take line breaks too: without, such an address falls through to the framework's plain text."""
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


def allowed_methods(request: Request) -> str:
    """List every method of an address (RFC 9110 §10.2.1): the framework names those of one function only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods = {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.match(path)
        for method in route.methods or ()
    }
    return ", ".join(sorted(methods))
