"""A mail server of our own on loopback, with TLS and sign-in as a city's has, and what it was given."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "canary-Password-1"


class Box:
    """Mails as they were taken."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.refuse: str | None = None
        """Answer to every mail instead of taking it."""
        self.unknown: set[str] = set()
        """Addresses that it has no box for."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.unknown:
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse is not None:
            return self.refuse
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return "250 OK"

    @property
    def texts(self) -> list[str]:
        return [str(mail.get_content()) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def mail_server(context: ssl.SSLContext | None, box: Box) -> Iterator[Box]:
    """Listens while the block runs; with a context it wants STARTTLS and a sign-in."""

    def signed_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=right)

    more: dict[str, Any] = {} if context is None else {
        "tls_context": context, "require_starttls": True, "authenticator": signed_in, "auth_required": True,
    }  # fmt: skip
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
