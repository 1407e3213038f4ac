"""SNMPv2c through pysnmp's message API: one socket for all targets, random request ids."""

import random
from collections.abc import Hashable, Sequence
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from collectors.snmp.datagrams import Datagrams
from collectors.snmp.values import plain
from collectors.snmp.wire import Address, AgentError, Pdu, Question, VarBind

_V2C: Final[Any] = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
_PDUS: Final = {Pdu.GET: _V2C.GetRequestPDU, Pdu.NEXT: _V2C.GetNextRequestPDU, Pdu.BULK: _V2C.GetBulkRequestPDU}


class CommunityWire:
    """One agent through one community."""

    def __init__(self, datagrams: Datagrams, address: Address, community: str) -> None:
        self._datagrams = datagrams
        self._address = address
        self._community = community.encode()

    def of_vlan(self, vlan: int) -> "CommunityWire":
        """Through community@VLAN."""
        return CommunityWire(self._datagrams, self._address, f"{self._community.decode()}@{vlan}")

    async def ask(self, question: Question, timeout_s: float) -> Sequence[VarBind]:
        """The answer to one request sent once. Raises Silent or AgentError."""
        request_id = random.SystemRandom().randrange(1, 2**31)
        pdu = await self._datagrams.ask(
            self._address, self._encode(question, request_id), request_id, self._parse, timeout_s
        )
        status = int(_V2C.apiPDU.get_error_status(pdu))
        if status:
            raise AgentError(status)
        return plain(_V2C.apiPDU.get_varbinds(pdu))

    def close(self) -> None:
        """Nothing is held."""

    def _encode(self, question: Question, request_id: int) -> bytes:
        pdu = _PDUS[question.pdu]()
        bulk = question.pdu is Pdu.BULK
        fields = _V2C.apiBulkPDU if bulk else _V2C.apiPDU
        fields.set_defaults(pdu)
        fields.set_request_id(pdu, request_id)
        if bulk:
            fields.set_max_repetitions(pdu, question.max_repetitions)
        fields.set_varbinds(pdu, [(oid, _V2C.null) for oid in question.oids])
        message = _V2C.Message()
        _V2C.apiMessage.set_defaults(message)
        _V2C.apiMessage.set_community(message, self._community)
        _V2C.apiMessage.set_pdu(message, pdu)
        return bytes(encoder.encode(message))

    def _parse(self, datagram: bytes) -> tuple[Hashable, Any]:
        message, _ = decoder.decode(datagram, asn1Spec=_V2C.Message())
        pdu = _V2C.apiMessage.get_pdu(message)
        if bytes(_V2C.apiMessage.get_community(message)) != self._community or not isinstance(pdu, _V2C.GetResponsePDU):
            return None, None
        return int(_V2C.apiPDU.get_request_id(pdu)), pdu
