"""The demo's logins, for people and scripts."""

import json
from pathlib import Path

from pyotp.totp import TOTP
from rich.table import Table

from backoffice.commands.console import out, stop
from backoffice.commands.places import data_dir

WHAT = {
    "partner_admin": "live dashboard, documents, keys, webhooks",
    "partner_developer": "keys, webhooks, logs; no personal data",
    "partner_analyst": "documents and numbers",
    "reviewer": "the queue: approve with A, reject with R",
    "review_lead": "every queue, second review",
    "operator": "partners, people, health; no personal data",
    "auditor": "reads everything, changes nothing",
}


def code(email: str) -> None:
    """Print one person's code of the second factor."""
    try:
        cast = json.loads((data_dir() / "demo.json").read_text())
    except (OSError, ValueError):
        stop("There is no demo here. Start one with `make run`.")
    for member in cast["members"]:
        if member["email"] == email:
            out.print(TOTP(member["totp_secret"]).now() if member["totp_secret"] else "needs no code")
            return
    stop(f"Nobody in the demo has the address {email}.")


def show(folder: Path) -> None:
    """Print who can sign in; the second factor's code stands on the page in the demo."""
    try:
        cast = json.loads((folder / "demo.json").read_text())
    except (OSError, ValueError):
        return
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for column in ("sign in as", "role", "what they see"):
        table.add_column(column)
    for member in cast["members"]:
        table.add_row(member["email"], member["role"].replace("_", " "), WHAT.get(member["role"], ""))
    out.print(table)
    out.print(f"  password of everyone: [bold]{cast['members'][0]['password']}[/bold]")
    out.print(
        f"  second factors, API keys: {folder / 'demo.json'}   documents arriving: [bold]make demo-traffic[/bold]\n",
        soft_wrap=True,
    )
