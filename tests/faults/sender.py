"""A worker process that sends webhooks alone, with a deadline that a test can wait for and names that a test can turn.

`python -m tests.faults.sender 1.0 [ADDRESS]`: with an address every name leads there, behind the product's own guard.
"""

import asyncio
import signal
import sys

import uvloop

from backoffice.adapters import logs, outbound
from backoffice.jobs.webhooks import Dispatcher
from tests.adapters.test_outbound import Names


async def main(deadline: float, address: str | None) -> None:
    client = outbound.open_session(Names(address), is_guarded=True) if address else None
    dispatcher = Dispatcher(deadline_seconds=deadline, poll_seconds=0.2, client=client)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, dispatcher.stop)
    await dispatcher.run()
    if client:
        await client.close()


if __name__ == "__main__":
    logs.configure("worker")
    uvloop.run(main(float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
