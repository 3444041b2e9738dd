"""A real SMTP server that keeps what it is sent, and can be told to refuse."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from warnings import catch_warnings

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOGIN = LoginPassword(b"robot", b"s3cret/word")


@dataclass
class MailServer:
    """What came, and the answers that come before it takes anything: each is used once."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    was_tls: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    refusals: int = 0

    async def handle_RCPT(self, _server, _session, envelope: Envelope, address: str, _options) -> str:  # noqa: N802 the vendor's name
        if address in self.unknown:
            self.refusals += 1
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session, envelope: Envelope) -> str:  # noqa: N802 the vendor's name
        if self.answers:
            self.refusals += 1
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(envelope.rcpt_tos)
        self.was_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    async def until(self, count: int, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while len(self.mails) < count:
                await asyncio.sleep(0.02)


def check_login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LOGIN, handled=False)


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, *, at_once: bool = False, needs_login: bool = False, port: int = 0
) -> AsyncIterator[MailServer]:
    """Serve on this machine; with a certificate it offers STARTTLS, or speaks TLS from the start."""
    mailbox, options = MailServer(), {"hostname": "mail.test", "tls_context": None if at_once else tls}
    if needs_login:
        options |= {"authenticator": check_login, "auth_required": True, "auth_require_tls": tls is not None}
        options |= {"auth_require_tls": False} if at_once else {}

    def session() -> SMTP:
        with catch_warnings(action="ignore", category=UserWarning):  # it warns of passwords without STARTTLS
            return SMTP(mailbox, **options)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port, ssl=tls if at_once else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
