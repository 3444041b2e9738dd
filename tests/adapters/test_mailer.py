"""E-mail reaches a real SMTP server as written, by TLS and with a password where asked; refusals are told apart."""

import logging
import ssl
from dataclasses import replace

import aiosmtplib
import pytest

from backoffice.adapters.mailer import DisabledMailer, Message, SmtpMailer, from_url
from backoffice.settings import Settings, SettingsError, settings
from tests.adapters.test_outbound import self_signed
from tests.mail_server import mail_server

MESSAGE = Message(
    "amina@acme.example", "Hällo: a <b> endpoint", "plain words\n", "<p>rich &lt;words&gt;</p>", "evt_1.mem_1"
)


def local(port: int, **changes: object) -> SmtpMailer:
    return replace(from_url(f"smtp://127.0.0.1:{port}?from=Backoffice%20<robot@kyc.example>"), **changes)


def test_a_url_says_where_as_whom_and_from_whom():
    mailer = from_url("smtp://me%40host:p%2Fw@mail.example?from=Back%20Office%20<no-reply@kyc.example>")
    assert (mailer.host, mailer.port, mailer.username, mailer.password) == ("mail.example", 587, "me@host", "p/w")
    assert (mailer.sender, mailer.is_tls, mailer.starts_tls) == ("Back Office <no-reply@kyc.example>", False, True)
    tls = from_url("smtps://mail.example?from=a@b.example")
    assert (tls.port, tls.is_tls, tls.starts_tls) == (465, True, False)
    assert not from_url("smtp://relay.internal:25?from=a@b.example&tls=off").starts_tls
    assert "p/w" not in repr(mailer)


@pytest.mark.parametrize(
    "url",
    ["http://mail.example?from=a@b.example", "smtp://mail.example", "smtp://?from=a@b.example", "mail.example:25"],
)
def test_a_url_that_cannot_work_stops_the_start(url, monkeypatch):
    monkeypatch.setenv("BACKOFFICE_SMTP_URL", url)
    settings.cache_clear()
    try:
        with pytest.raises(SettingsError, match="BACKOFFICE_SMTP_URL"):
            settings()
    finally:
        settings.cache_clear()


def test_a_url_that_works_is_taken():
    assert Settings(smtp_url="smtp://localhost:2525?from=a@b.example").smtp_url is not None


async def test_a_message_arrives_with_both_its_texts():
    async with mail_server() as server:
        await local(server.port).send(MESSAGE)
    [mail] = server.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Backoffice <robot@kyc.example>",
        "amina@acme.example",
        "Hällo: a <b> endpoint",
    )
    assert mail["Message-ID"] == "<evt_1.mem_1@kyc.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().strip() == "plain words"
    assert mail.get_body(("html",)).get_content().strip() == "<p>rich &lt;words&gt;</p>"
    assert server.recipients == [["amina@acme.example"]]


async def test_a_line_break_in_a_subject_is_no_new_header():
    async with mail_server() as server:
        with pytest.raises(ValueError, match="linefeed"):
            await local(server.port).send(replace(MESSAGE, subject="Hello\r\nBcc: all@acme.example"))
    assert server.mails == []


async def test_a_server_that_is_busy_or_away_is_an_error_to_try_again():
    async with mail_server() as server:
        server.answers = ["451 4.3.0 try again later"]
        with pytest.raises(aiosmtplib.SMTPException):
            await local(server.port).send(MESSAGE)
        await local(server.port).send(MESSAGE)
        port = server.port
    assert len(server.mails) == 1
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await local(port).send(MESSAGE)


def ours(caplog):
    """Leave out what the test's own mail server says of connections that broke."""
    return [record for record in caplog.records if record.name.startswith("backoffice.")]


async def test_a_reader_whom_the_server_does_not_know_is_not_tried_again(caplog):
    async with mail_server() as server:
        caplog.set_level(logging.WARNING)
        server.unknown.add(MESSAGE.to)
        await local(server.port).send(MESSAGE)
    assert (server.mails, server.refusals) == ([], 1)
    assert [record.message for record in ours(caplog)] == ["mail_refused"]
    assert MESSAGE.to not in caplog.text


@pytest.fixture
def tls(tmp_path):
    """A certificate of one's own, and trust in it."""
    offered = self_signed(tmp_path)
    trusted = ssl.create_default_context(cafile=tmp_path / "self.pem")
    trusted.check_hostname = False
    return offered, trusted


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_password_goes_over_tls(tls, at_once):
    offered, trusted = tls
    async with mail_server(offered, at_once=at_once, needs_login=True) as server:
        mailer = local(
            server.port,
            username="robot",
            password="s3cret/word",
            is_tls=at_once,
            starts_tls=not at_once,
            tls_context=trusted,
        )
        await mailer.send(MESSAGE)
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await replace(mailer, password="wrong").send(MESSAGE)
    assert (len(server.mails), server.was_tls) == (1, [True])


async def test_a_certificate_that_nobody_vouches_for_gets_no_password(tls):
    async with mail_server(tls[0], needs_login=True) as server:
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await local(server.port, username="robot", password="s3cret/word", starts_tls=True).send(MESSAGE)
    assert server.mails == []


async def test_a_server_without_tls_gets_no_password():
    async with mail_server(needs_login=True) as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await local(server.port, username="robot", password="s3cret/word", starts_tls=True).send(MESSAGE)
    assert server.mails == []


async def test_without_a_server_the_log_says_that_something_was_not_sent(caplog):
    with caplog.at_level(logging.INFO):
        await DisabledMailer().send(MESSAGE)
    [record] = ours(caplog)
    assert (record.message, record.message_id) == ("mail_not_sent", "evt_1.mem_1")
    assert MESSAGE.to not in str(vars(record))
