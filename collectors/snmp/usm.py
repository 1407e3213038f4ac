"""SNMPv3 authPriv through pysnmp's engine, one engine for a few targets: a shared one slows down with every target it meets."""

import random
from collections.abc import Hashable, Sequence
from typing import Any, Final

from pyasn1.codec.ber import decoder
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from collectors.snmp.access import Login
from collectors.snmp.datagrams import Datagrams, Dispatcher
from collectors.snmp.values import plain
from collectors.snmp.wire import Address, AgentError, CredentialRefused, Pace, Pdu, Question, Silent, VarBind
from devreg.i18n import N_

_TARGETS_PER_ENGINE: Final = 50
_AUTH: Final[dict[str, Any]] = {
    "SHA-256": hlapi.USM_AUTH_HMAC192_SHA256,
    "SHA-512": hlapi.USM_AUTH_HMAC384_SHA512,
    "SHA-384": hlapi.USM_AUTH_HMAC256_SHA384,
    "SHA-224": hlapi.USM_AUTH_HMAC128_SHA224,
    "SHA": hlapi.USM_AUTH_HMAC96_SHA,
    "MD5": hlapi.USM_AUTH_HMAC96_MD5,
}
_PRIV: Final[dict[str, Any]] = {
    "AES-128": hlapi.USM_PRIV_CFB128_AES,
    "AES-192": hlapi.USM_PRIV_CFB192_AES,
    "AES-192 Blumenthal": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256": hlapi.USM_PRIV_CFB256_AES,
    "AES-256 Blumenthal": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "DES": hlapi.USM_PRIV_CBC56_DES,
}
_REFUSALS: Final = {
    errind.UnknownUserName: N_("unknown user"),
    errind.UnknownSecurityName: N_("unknown user"),
    errind.WrongDigest: N_("wrong authentication key or protocol"),
    errind.AuthenticationFailure: N_("wrong authentication key or protocol"),
    errind.AuthenticationError: N_("wrong authentication key or protocol"),
    errind.DecryptionError: N_("wrong privacy key or protocol"),
    errind.UnsupportedSecurityLevel: N_("this user may not use authPriv"),
    errind.UnsupportedAuthProtocol: N_("authentication protocol not supported"),
    errind.UnsupportedPrivProtocol: N_("privacy protocol not supported"),
}


class Engines:
    """Hands out SNMP engines, and closes one when its targets are done."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._filling: dict[Login, _Engine] = {}

    def wire(self, address: Address, login: Login) -> "UsmWire":
        """A wire to the agent; close it when done."""
        engine = self._filling.get(login)
        if engine is None or engine.taken == _TARGETS_PER_ENGINE:
            engine = self._filling[login] = _Engine()
        engine.taken += 1
        engine.open += 1
        return UsmWire(engine, address, login, self._pace)

    def close(self) -> None:
        """Closes the engines still being filled."""
        for engine in self._filling.values():
            engine.snmp.close_dispatcher()


class _Engine:
    def __init__(self) -> None:
        self.snmp = hlapi.SnmpEngine()
        self.snmp.register_transport_dispatcher(Dispatcher())
        self.taken = 0
        self.open = 0


class UsmWire:
    """One agent through one SNMPv3 user."""

    def __init__(self, engine: _Engine, address: Address, login: Login, pace: Pace) -> None:
        self._engine = engine
        self._address = address
        self._login = login
        self._pace = pace
        self._context = hlapi.ContextData(contextName=login.context)
        self._user = hlapi.UsmUserData(
            login.user,
            login.auth_key,
            login.priv_key,
            authProtocol=_AUTH[login.auth_protocol],
            privProtocol=_PRIV[login.priv_protocol],
        )

    def of_vlan(self, vlan: int) -> "UsmWire":
        """Through context vlan-N, over the same engine."""
        return UsmWire(self._engine, self._address, self._login._replace(context=f"vlan-{vlan}"), self._pace)

    async def ask(self, question: Question, timeout_s: float) -> Sequence[VarBind]:
        """The answer to one request sent once. Raises Silent, AgentError or CredentialRefused."""
        await self._pace.wait()
        kind = hlapi.Udp6TransportTarget if ":" in self._address.ip else hlapi.UdpTransportTarget
        target = await kind.create(tuple(self._address), timeout=timeout_s, retries=0)
        head = (self._engine.snmp, self._user, target, self._context)
        names = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in question.oids]
        match question.pdu:
            case Pdu.GET:
                answer = await hlapi.get_cmd(*head, *names, lookupMib=False)
            case Pdu.NEXT:
                answer = await hlapi.next_cmd(*head, *names, lookupMib=False)
            case Pdu.BULK:
                answer = await hlapi.bulk_cmd(*head, 0, question.max_repetitions, *names, lookupMib=False)
        indication, status, _, var_binds = answer
        if indication is not None:
            reason = _REFUSALS.get(type(indication))
            raise CredentialRefused(reason) if reason else Silent(str(indication))
        if int(status):
            raise AgentError(int(status))
        return plain(var_binds)

    def close(self) -> None:
        """Gives the engine back."""
        self._engine.open -= 1
        if not self._engine.open and self._engine.taken == _TARGETS_PER_ENGINE:
            self._engine.snmp.close_dispatcher()


async def says_hello(datagrams: Datagrams, address: Address, timeout_s: float) -> bool:
    """Whether an SNMPv3 agent listens, by the discovery message of RFC 3414 section 4; costs an empty address no engine."""
    message_id = random.SystemRandom().randrange(2**24, 2**31)
    try:
        await datagrams.ask(address, _discovery(message_id), message_id, _message_id, timeout_s)
    except Silent:
        return False
    return True


def _message_id(datagram: bytes) -> tuple[Hashable, None]:
    message, _ = decoder.decode(datagram, asn1Spec=SNMPv3Message())
    return int(message["msgGlobalData"]["msgID"]), None


def _discovery(message_id: int) -> bytes:
    """The fixed bytes of a discovery message around its id: reportable, no security, empty engine id, an empty GET."""
    four = message_id.to_bytes(4, "big")
    return b"".join(
        (
            bytes.fromhex("303e 020103 3011 0204"), four, bytes.fromhex("020300ffe3 040104 020103"),
            bytes.fromhex("0410 300e 0400 020100 020100 0400 0400 0400"),
            bytes.fromhex("3014 0400 0400 a00e 0204"), four, bytes.fromhex("020100 020100 3000"),
        )
    )  # fmt: skip
