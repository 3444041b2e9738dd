"""Makes a webhook endpoint in a running product, as the endpoint page does."""

import subprocess
import sys

from tests.e2e.product import ROOT, Product

SCRIPT = """
import asyncio, sys
from backoffice import db
from backoffice.db import transaction
from backoffice.services import partners, webhook_endpoints
from backoffice.services.access import Actor

async def main():
    system = Actor.system(name="e2e")
    async with transaction(system.tenancy) as session:
        partner = await partners.by_slug(session, system, "acme")
        actor = Actor.system(partner.id, name="e2e")
        _, secret = await webhook_endpoints.create(session, actor, livemode=True, url=sys.argv[1], description="e2e")
    print(secret)
    await db.close()

asyncio.run(main())
"""


def create_endpoint(product: Product, url: str) -> str:
    environment = product.environment | {
        "BACKOFFICE_SECRET_KEY": (product.folder / "keys" / "secret_key").read_text().strip(),
        "BACKOFFICE_WEBHOOK_ALLOW_HOSTS": "localhost,127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, url], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]
