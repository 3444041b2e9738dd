"""`backoffice demo-traffic`: documents arriving, through the real API."""

import asyncio
import json
import random

from backoffice.adapters.partner_client import PartnerClient, Upload
from backoffice.commands.console import out, stop
from backoffice.commands.places import data_dir
from backoffice.demo import specimen
from backoffice.demo.plan import CONDITIONS, KINDS

CREATED = 201
SHARES = {"acme": 3, "rival": 1, "start": 0.02}
"""How busy each partner is; the free plan would be used up within the hour otherwise."""


def run(rate: float, count: int) -> None:
    """Post until the count is reached, or until Ctrl-C when it is 0."""
    try:
        cast = json.loads((data_dir() / "demo.json").read_text())
    except (OSError, ValueError):
        stop("There is no demo here. Start one with `make run`, then call this in a second terminal.")
    try:
        asyncio.run(_post(cast["url"], {row["name"]: row["live_key"] for row in cast["partners"]}, rate, count))
    except ConnectionError as error:
        stop(f"The product does not answer at {cast['url']} ({error}). Is `make run` still going?")
    except KeyboardInterrupt:
        out.print("Stopped.")


async def _post(url: str, keys: dict[str, str], rate: float, count: int) -> None:
    dice = random.SystemRandom()
    clients = {name: PartnerClient(url, key) for name, key in keys.items()}
    loop, number = asyncio.get_running_loop(), 0
    try:
        while count == 0 or number < count:
            number += 1
            began = loop.time()
            name = dice.choices(list(clients), [SHARES.get(name, 1) for name in clients])[0]
            await _one(clients[name], name, dice)
            await asyncio.sleep(max(0.0, 1 / rate - (loop.time() - began)))
    finally:
        for client in clients.values():
            await client.__aexit__()


async def _one(client: PartnerClient, partner: str, dice: random.Random) -> None:
    kind = dice.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    condition = dice.choices([name for name, _ in CONDITIONS], [weight for _, weight in CONDITIONS])[0]
    seed = dice.randrange(10_000, 10_000_000)
    pages = await asyncio.to_thread(specimen.files, kind, seed, condition)
    uploads = [Upload(page.side, page.filename, page.mime_type, page.data) for page in pages]
    fields = {
        "type": kind,
        "applicant": specimen.applicant(kind, seed),
        "external_id": f"user-{seed}",
        "metadata": specimen.metadata(seed),
    }
    answer = await client.post_document(uploads, fields)
    if answer.status == CREATED:
        out.print(f"[green]201[/green] {answer.body['id']}  {partner:<10} {kind}, {condition}")
    else:
        out.print(f"[red]{answer.status}[/red] {answer.body.get('code', '')}: {answer.body.get('detail', '')}")
