"""The partner API as the product serves it."""

from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.adapters import logs
from backoffice.api.app import partner_api

logs.configure("bench", level=30)
app = Starlette(routes=[Mount("/api/v1", partner_api)])
