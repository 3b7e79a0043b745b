"""Mail over SMTP against a real server on this machine."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conference.serving.mail import RETRY_AFTER, Letter, Mailer, MailFailed, composed, retry_after
from conference.settings import MailSettings

WRITTEN = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
LETTER = Letter(
    "abc123",
    "ali@karbala.example",
    "رابط الدخول",
    "افتح الرابط:\n\nhttps://majlis.example/sign-in/x",
    "ar",
    WRITTEN,
)


class Relay:
    """Takes mails, or answers as told."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("unknown"):
            return "550 no such mailbox"
        if address.startswith("busy"):
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.original_content, policy=default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.recipients.extend(envelope.rcpt_tos)
        return self.answer


@pytest.fixture
def relay() -> Relay:
    return Relay()


@asynccontextmanager
async def serving(relay: Relay, *, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """The relay on a free port; *tls* from the first byte, *options* as aiosmtpd's `SMTP` has them."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(relay, loop=loop, **options), "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def plain_port(relay: Relay) -> AsyncIterator[int]:
    """A relay that knows no TLS."""
    async with serving(relay) as port:
        yield port


def mailer(port: int, **changed: Any) -> Mailer:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": "",
        "password": "",
        "security": "none",
        "sender": "Majlis <no-reply@majlis.example>",
    }
    return Mailer(MailSettings(**(settings | changed)))


async def test_a_letter_arrives_whole(relay: Relay, plain_port: int) -> None:
    await mailer(plain_port).deliver(LETTER)
    (taken,) = relay.taken
    assert taken["Subject"] == "رابط الدخول"
    assert taken["To"] == "ali@karbala.example"
    assert taken["From"] == "Majlis <no-reply@majlis.example>"
    assert taken["Message-ID"] == "<abc123@majlis.example>"
    assert taken["Date"].datetime == WRITTEN
    assert (taken["Content-Language"], taken["Auto-Submitted"]) == ("ar", "auto-generated")
    assert taken.get_content().splitlines() == LETTER.text.splitlines()
    assert relay.recipients == ["ali@karbala.example"]


@pytest.mark.parametrize("field", ["recipient", "subject", "letter_id", "language"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
async def test_no_value_can_begin_a_header_of_its_own(
    relay: Relay, plain_port: int, field: str, ending: str
) -> None:
    evil = f"a@b.example{ending}Bcc: victim@karbala.example{ending}{ending}<h1>body</h1>"
    values = {name: getattr(LETTER, name) for name in Letter.__struct_fields__} | {field: evil}
    with pytest.raises(MailFailed) as failed:
        await mailer(plain_port).deliver(Letter(**values))
    assert failed.value.is_final
    assert relay.taken == []


def test_the_text_cannot_become_headers() -> None:
    text = "Bcc: victim@karbala.example\r\n.\r\nMAIL FROM:<x@y>\r\n"
    message = composed(Letter("id", "a@b.example", "s", text, "en", WRITTEN), "Majlis <m@majlis.example>")
    assert message["Bcc"] is None
    assert "Bcc: victim" in message.get_content()


async def test_a_line_with_a_dot_does_not_end_the_mail(relay: Relay, plain_port: int) -> None:
    await mailer(plain_port).deliver(Letter("id", "a@b.example", "s", "one\n.\ntwo", "en", WRITTEN))
    assert relay.taken[0].get_content().splitlines() == ["one", ".", "two"]


@pytest.mark.parametrize(
    ("recipient", "answer", "is_final"),
    [
        ("unknown@karbala.example", "250 OK", True),
        ("busy@karbala.example", "250 OK", False),
        ("a@karbala.example", "554 this looks like spam", True),
        ("a@karbala.example", "452 disk full", False),
    ],
)
async def test_a_refusal_is_final_or_not_as_the_relay_says(
    relay: Relay, plain_port: int, recipient: str, answer: str, is_final: bool
) -> None:
    relay.answer = answer
    letter = Letter("id", recipient, "s", "t", "en", WRITTEN)
    with pytest.raises(MailFailed) as failed:
        await mailer(plain_port).deliver(letter)
    assert failed.value.is_final is is_final
    assert relay.taken == []


async def test_nobody_at_home_is_not_final(plain_port: int) -> None:
    with pytest.raises(MailFailed) as failed:
        await mailer(1).deliver(LETTER)
    assert not failed.value.is_final
    assert len(str(failed.value)) <= 300


async def test_starttls_is_insisted_on(relay: Relay, plain_port: int) -> None:
    with pytest.raises(MailFailed) as failed:
        await mailer(plain_port, security="starttls", username="u", password="secret").deliver(LETTER)
    assert relay.taken == []
    assert not failed.value.is_final
    assert "secret" not in str(failed.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "relay.pem"
    encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password)
    file.write_bytes(signed.public_bytes(encoding) + private)
    return file


def own_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"majlis", b"secret"), handled=False)


@pytest.fixture
async def starttls_port(relay: Relay, certificate: Path) -> AsyncIterator[int]:
    """A relay that wants STARTTLS and a password."""
    context = own_context(certificate)
    async with serving(
        relay, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticator
    ) as port:
        yield port


@pytest.fixture
async def tls_port(relay: Relay, certificate: Path) -> AsyncIterator[int]:
    """A relay that speaks TLS from the first byte."""
    async with serving(relay, tls=own_context(certificate)) as port:
        yield port


async def test_starttls_with_a_password(
    relay: Relay, starttls_port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await mailer(starttls_port, security="starttls", username="majlis", password="secret").deliver(LETTER)
    assert len(relay.taken) == 1


async def test_a_wrong_password_is_mended_by_the_operator_and_tried_again(
    relay: Relay, starttls_port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(MailFailed) as failed:
        await mailer(starttls_port, security="starttls", username="majlis", password="wrong").deliver(LETTER)
    assert not failed.value.is_final
    assert relay.taken == []


async def test_tls_from_the_first_byte(
    relay: Relay, tls_port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await mailer(tls_port, security="tls").deliver(LETTER)
    assert len(relay.taken) == 1


async def test_a_certificate_nobody_vouches_for_is_refused(relay: Relay, tls_port: int) -> None:
    with pytest.raises(MailFailed):
        await mailer(tls_port, security="tls").deliver(LETTER)
    assert relay.taken == []


def test_without_a_host_mail_does_not_work() -> None:
    assert not mailer(25, host="").works
    assert mailer(25).works


def test_pauses_grow_and_end() -> None:
    pauses = [retry_after(attempts) for attempts in range(1, len(RETRY_AFTER) + 1)]
    assert pauses == sorted(RETRY_AFTER)
    assert retry_after(len(RETRY_AFTER) + 1) is None
