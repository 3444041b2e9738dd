"""The partner API for a real server process in tests."""

from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.api.app import partner_api

app = Starlette(routes=[Mount("/api/v1", partner_api)])
