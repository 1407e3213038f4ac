"""SNMPv2c agents on loopback in a process of their own, each a small switch; an answer is made once and kept by the bytes of its question.

`python -m benchmarks.agent_process AGENTS PORTS` prints the agents' UDP ports; it ends when its input does.
"""

import selectors
import socket
import sys
from bisect import bisect_right
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902, rfc1905

_V2C: Final[Any] = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
_SYSTEM: Final = (1, 3, 6, 1, 2, 1, 1)
_IF: Final = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IF_X: Final = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_ENTITY: Final = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)


class _Agent:
    def __init__(self, number: int, ports: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self._rows = _rows(number, ports)
        self._names = sorted(self._rows)
        self._kept: dict[bytes, bytes] = {}

    def answer(self) -> None:
        """One question."""
        datagram, sender = self.socket.recvfrom(65_535)
        start, end = _id_place(datagram)
        question = datagram[:start] + datagram[end:]
        if question not in self._kept:
            self._kept[question] = self._tail(datagram)
        tail = self._kept[question]
        body = _tagged(0xA2, datagram[start:end] + tail)
        self.socket.sendto(_tagged(0x30, datagram[_head(datagram) : _pdu(datagram)] + body), sender)

    def _tail(self, datagram: bytes) -> bytes:
        """The answer behind its request id."""
        message, _ = decoder.decode(datagram, asn1Spec=_V2C.Message())
        request = _V2C.apiMessage.get_pdu(message)
        response = _V2C.GetResponsePDU()
        _V2C.apiPDU.set_defaults(response)
        _V2C.apiPDU.set_request_id(response, 2**30)
        _V2C.apiPDU.set_varbinds(response, self._said(request))
        whole = bytes(encoder.encode(response))
        return whole[whole.index(bytes.fromhex("020440000000")) + 6 :]

    def _said(self, request: Any) -> list[tuple[tuple[int, ...], Any]]:
        names = [tuple(int(arc) for arc in name) for name, _ in _V2C.apiPDU.get_varbinds(request)]
        if isinstance(request, _V2C.GetRequestPDU):
            return [(name, self._rows.get(name, rfc1905.noSuchInstance)) for name in names]
        is_bulk = isinstance(request, _V2C.GetBulkRequestPDU)
        found: list[tuple[tuple[int, ...], Any]] = []
        for _ in range(int(_V2C.apiBulkPDU.get_max_repetitions(request)) if is_bulk else 1):
            row = [self._after(name) for name in names]
            found += row
            names = [name for name, _ in row]
        return found

    def _after(self, name: tuple[int, ...]) -> tuple[tuple[int, ...], Any]:
        place = bisect_right(self._names, name)
        if place == len(self._names):
            return name, rfc1905.endOfMibView
        return self._names[place], self._rows[self._names[place]]


def _rows(number: int, ports: int) -> dict[tuple[int, ...], Any]:
    text = rfc1902.OctetString
    rows: dict[tuple[int, ...], Any] = {
        (*_SYSTEM, 1, 0): text("Cisco IOS Software, C9200L Software, Version 17.9.4a, RELEASE SOFTWARE"),
        (*_SYSTEM, 2, 0): rfc1902.ObjectIdentifier("1.3.6.1.4.1.9.1.2494"),
        (*_SYSTEM, 3, 0): rfc1902.TimeTicks(123_456),
        (*_SYSTEM, 5, 0): text(f"sw-{number}"),
        (*_SYSTEM, 6, 0): text("Rack 1"),
        (*_SYSTEM, 7, 0): rfc1902.Integer32(6),
        (*_ENTITY, 5, 1): rfc1902.Integer32(3),
        (*_ENTITY, 11, 1): text(f"FOC{number:08}"),
        (*_ENTITY, 13, 1): text("C9200L-48P-4G"),
    }
    for port in range(1, ports + 1):
        rows[*_IF, 2, port] = text(f"GigabitEthernet1/0/{port}")
        rows[*_IF_X, 1, port] = text(f"Gi1/0/{port}")
        rows[*_IF_X, 18, port] = text(f"room {port}")
        for column in (3, 5, 7, 8, 10, 16):
            rows[*_IF, column, port] = rfc1902.Gauge32(column * 1_000 + port)
        for column in (6, 10, 15):
            rows[*_IF_X, column, port] = rfc1902.Counter64(column * 10**12 + port)
    return rows


def _head(datagram: bytes) -> int:
    """Where the content of the value that begins here begins."""
    return 2 + (datagram[1] & 0x7F if datagram[1] & 0x80 else 0)


def _pdu(datagram: bytes) -> int:
    """Where the PDU begins: behind the version (3 bytes) and the community."""
    community = _head(datagram) + 3
    return community + 2 + datagram[community + 1]


def _id_place(datagram: bytes) -> tuple[int, int]:
    start = _pdu(datagram) + _head(datagram[_pdu(datagram) :])
    return start, start + 2 + datagram[start + 1]


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004  lengths up to here stand alone
        return bytes((tag, size)) + content
    return bytes((tag, 0x82)) + size.to_bytes(2, "big") + content


def _serve(agents: int, ports: int) -> None:
    waiting = selectors.DefaultSelector()
    made = [_Agent(number, ports) for number in range(agents)]
    for agent in made:
        waiting.register(agent.socket, selectors.EVENT_READ, agent.answer)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    print(*(agent.socket.getsockname()[1] for agent in made), flush=True)
    while True:
        for key, _ in waiting.select():
            if key.data is None:
                return
            key.data()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
