"""Hands letters to the mail server."""

from backoffice.adapters.mailer import Message, mailer
from backoffice.services.letters import Addressed


async def send(found: Addressed | None) -> None:
    """Send a letter if there is somebody to write to; a mail server that is away makes the job try again later."""
    if found is None:
        return
    letter = found.letter
    await mailer().send(
        Message(found.address, letter.subject, letter.as_text(), letter.as_html(), found.message_id, letter.unsubscribe)
    )
