"""The same server, whose streams look more often and end sooner."""

from dataclasses import replace

from starlette.applications import Starlette

from backoffice.api import event_streams
from tests.api.served import app

LONGEST = 5.0
PATIENCE = 1.0


def serve() -> Starlette:
    """Build the app (a factory, so that a test which reads the numbers above keeps its own pace)."""
    event_streams.PACE = replace(
        event_streams.PACE, recheck=0.3, renew=0.3, heartbeat=0.2, longest=LONGEST, poll=0.2, patience=PATIENCE
    )
    return app
