"""NiceGUI: six numbers of a partner on a page, pushed to all of the partner's tabs with each POST."""

import sys
from collections import defaultdict

from fastapi import Response
from nicegui import Client, app, ui

NAMES = ("received", "in progress", "awaiting review", "approved", "median decision", "webhooks taken")
totals: defaultdict[str, int] = defaultdict(int)
labels: defaultdict[str, list[list[ui.label]]] = defaultdict(list)


@ui.page("/board/{partner}")
def board(client: Client, partner: str) -> None:
    with ui.row():
        shown = [ui.label(str(totals[partner])) for _ in NAMES]
    for name, label in zip(NAMES, shown, strict=True):
        label.props(f'data-number="{name}"')
    labels[partner].append(shown)
    client.on_delete(lambda: labels[partner].remove(shown))


@app.post("/documents/{partner}", status_code=201)
def take(partner: str) -> Response:
    totals[partner] += 1
    for shown in labels[partner]:
        for label in shown:
            label.text = str(totals[partner])
    return Response(status_code=201)


ui.run(host="127.0.0.1", port=int(sys.argv[1]), reload=False, show=False, uvicorn_logging_level="error")
