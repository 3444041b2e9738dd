"""E-mail: through the SMTP server that `BACKOFFICE_SMTP_URL` names, or into the log when none is named."""

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from functools import lru_cache
from ipaddress import ip_address
from logging import getLogger
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from backoffice.settings import settings

log = getLogger(__name__)
SECONDS = 20.0
PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail to one person."""

    to: str
    subject: str
    text: str
    html: str
    id: str
    """Becomes the Message-ID: the same message sent twice can be told as one."""
    unsubscribe: str = ""
    """Where one press stops such messages (RFC 8058); empty for those that are not optional."""


class Mailer(Protocol):
    """Sends e-mail."""

    async def send(self, message: Message) -> None:
        """Hand one message over; raises when it was not taken and may be on another try."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Speaks SMTP; passwords go over TLS only."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    is_tls: bool = False
    starts_tls: bool = True
    tls_context: ssl.SSLContext | None = field(default=None, repr=False)
    """Whom to trust; the system's authorities when none is given."""

    async def send(self, message: Message) -> None:
        """Hand one message over; one whose reader the server does not know is dropped, for it never will.

        Raises aiosmtplib.SMTPException and OSError.
        """
        try:
            await aiosmtplib.send(
                self._written(message),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.is_tls,
                start_tls=self.starts_tls,
                tls_context=self.tls_context,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            if min(codes) < PERMANENT:
                raise
            log.warning("mail_refused", extra={"message_id": message.id, "codes": codes})
            return
        log.info("mail_sent", extra={"message_id": message.id})

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2].strip('<> ')}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:
            mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text)
        mail.add_alternative(message.html, subtype="html")
        return mail


class DisabledMailer:
    """Sends nothing and says so in the log, without the address or the text."""

    async def send(self, message: Message) -> None:
        """Note that there was something to send."""
        log.info("mail_not_sent", extra={"message_id": message.id, "because": "BACKOFFICE_SMTP_URL is not set"})


@lru_cache(1)
def mailer() -> Mailer:
    """Answer the mailer that the settings ask for."""
    url = settings().smtp_url
    return from_url(url.get_secret_value()) if url else DisabledMailer()


def from_url(url: str) -> SmtpMailer:
    """Read `smtp://user:password@host:587?from=…` (STARTTLS) or `smtps://…` (TLS from the start).

    `tls=off` is for a relay in one's own network; a server on this machine needs no TLS either.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    is_tls = parts.scheme == "smtps"
    host = parts.hostname or ""
    return SmtpMailer(
        host=host,
        port=parts.port or PORTS[parts.scheme],
        sender=options["from"],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=is_tls,
        starts_tls=not is_tls and options.get("tls") != "off" and not _is_here(host),
    )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
