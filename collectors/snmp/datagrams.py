"""One UDP socket per address family, on pysnmp's carrier: an answer counts only from the address that was asked."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.error import PySnmpError

from collectors.snmp.wire import Address, Pace, Silent

_log = logging.getLogger(__name__)
_RECEIVE_BUFFER: Final = 4 << 20
"""Walks of 50 devices at once overflow the usual 208 kB; lost datagrams then look like slow devices."""

Parse = Callable[[bytes], tuple[Hashable, Any]]
"""A datagram as (key of the request it answers, content); may raise anything on garbage."""


class _Pending(NamedTuple):
    key: Hashable
    parse: Parse
    answer: asyncio.Future[Any]


class Dispatcher(AsyncioDispatcher):  # type: ignore[misc,unused-ignore]  # pysnmp has no types
    """pysnmp's, but that a datagram for which it has no use is let go: late refusals and late answers to a closed one make it raise."""

    def _callback_function(self, *received: Any) -> None:
        try:
            super()._callback_function(*received)
        except Exception as error:  # noqa: BLE001  raised into the event loop it would be a traceback in the log, and help nobody
            _log.debug("datagram from %s is of no use: %s", received[1], type(error).__name__)


class Datagrams:
    """Sends requests and hands each answer to whoever asked. Belongs to the event loop it is made in."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._dispatcher = Dispatcher()
        self._dispatcher.register_recv_callback(self._received)
        self._opened: set[tuple[int, ...]] = set()
        self._pending: dict[Address, list[_Pending]] = {}

    async def ask(self, address: Address, payload: bytes, key: Hashable, parse: Parse, timeout_s: float) -> Any:
        """What `parse` made of the answer whose key is `key`. Raises Silent."""
        await self._pace.wait()
        pending = _Pending(key, parse, asyncio.get_running_loop().create_future())
        self._pending.setdefault(address, []).append(pending)
        try:
            with contextlib.suppress(
                PySnmpError
            ):  # an address that can't be sent to is as silent as one that doesn't answer
                self._dispatcher.send_message(payload, self._domain(address), tuple(address))
            return await asyncio.wait_for(pending.answer, timeout_s)
        except TimeoutError:
            raise Silent from None
        finally:
            self._pending[address].remove(pending)
            if not self._pending[address]:
                del self._pending[address]

    def close(self) -> None:
        """Closes the sockets."""
        self._dispatcher.close_dispatcher()

    def _domain(self, address: Address) -> tuple[int, ...]:
        six = ":" in address.ip
        domain: tuple[int, ...] = udp6.DOMAIN_NAME if six else udp.DOMAIN_NAME
        if domain not in self._opened:
            family, transport = (
                (socket.AF_INET6, udp6.Udp6AsyncioTransport) if six else (socket.AF_INET, udp.UdpAsyncioTransport)
            )
            self._dispatcher.register_transport(domain, transport().open_server_mode(sock=_bound(family)))
            self._opened.add(domain)
        return domain

    def _received(self, _dispatcher: object, _domain: object, sender: tuple[Any, ...], datagram: bytes) -> None:
        for pending in self._pending.get(Address(sender[0], sender[1]), ()):
            try:
                key, content = pending.parse(datagram)
            except Exception as error:  # noqa: BLE001  whatever a decoder raises on garbage, the other devices go on
                _log.debug("datagram from %s:%s can't be read: %s", sender[0], sender[1], type(error).__name__)
                continue
            if key == pending.key and not pending.answer.done():
                pending.answer.set_result(content)


def _bound(family: socket.AddressFamily) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))  # noqa: S104  a client's socket: answers come to any local address
    granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if granted < _RECEIVE_BUFFER:
        _log.debug("the kernel granted a receive buffer of %s bytes", granted)
    return sock
