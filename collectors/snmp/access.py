"""Credential sets made ready for use: secrets read, protocols checked, and what is weak about them said."""

import difflib
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.settings import Loaded, SnmpCredential, SnmpSecret

_AUTH: Final = ("SHA-256", "SHA-512", "SHA-384", "SHA-224", "SHA", "MD5")
_PRIV: Final = {
    "AES-128": ("AES-128",),
    "AES-192": ("AES-192", "AES-192 Blumenthal"),
    "AES-256": ("AES-256", "AES-256 Blumenthal"),
    "DES": ("DES",),
}
"""AES-192 and -256 exist in two forms that do not understand each other (Reeder's, used by Cisco, and Blumenthal's): both are tried."""
_KNOWN_COMMUNITIES: Final = frozenset({"public", "private"})
_MIN_KEY: Final = 8


class Login(NamedTuple):
    """One SNMPv3 user in one form of the protocols; never printed."""

    user: str
    auth_protocol: str
    auth_key: str
    priv_protocol: str
    priv_key: str
    context: str

    def __repr__(self) -> str:
        return f"Login({self.user!r}, …)"


class Access(msgspec.Struct, frozen=True):
    """A credential set with its secrets; never printed."""

    name: str
    community: str | None
    """SNMPv2c; None for SNMPv3."""
    logins: tuple[Login, ...]
    """SNMPv3: the user in each form its protocols may take."""
    weak: str | None
    """What is weak about it, as a sentence."""

    def __repr__(self) -> str:
        return f"Access({self.name!r}, …)"


def unlock(source: str, names: Iterable[str], loaded: Loaded) -> dict[str, Access]:
    """The credential sets a source names, ready for use. Raises Misconfigured for the first that is not whole."""
    return {name: _unlocked(source, name, loaded) for name in dict.fromkeys(names)}


def _unlocked(source: str, name: str, loaded: Loaded) -> Access:
    raw = loaded.settings.snmp.get(name)
    if raw is None:
        near = difflib.get_close_matches(name, loaded.settings.snmp, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Add [snmp.{name}], or take the name out of the range."
        raise Misconfigured(f"sources.{source} names the credential set {name}, which is not there.", next_step=hint)
    if raw.version == "2c" and raw.community is not None:
        community = raw.community.read(loaded.folder)
        return Access(name, community, (), _weakness_of_community(name, community))
    return Access(name, None, _logins(name, raw, loaded), _weakness_of_protocols(name, raw))


def _logins(name: str, raw: SnmpCredential, loaded: Loaded) -> tuple[Login, ...]:
    if raw.user is None or raw.auth is None or raw.priv is None:  # the settings' own check says this first
        raise Misconfigured(f"snmp.{name} needs user, auth and priv.")
    auth_key = _key(name, "auth", raw.auth, _AUTH, loaded)
    priv_key = _key(name, "priv", raw.priv, _PRIV, loaded)
    return tuple(
        Login(raw.user, raw.auth.protocol, auth_key, form, priv_key, raw.context) for form in _PRIV[raw.priv.protocol]
    )


def _key(name: str, half: str, secret: SnmpSecret, allowed: Iterable[str], loaded: Loaded) -> str:
    if secret.protocol not in allowed:
        raise Misconfigured(
            f"snmp.{name}.{half}.protocol is {secret.protocol!r}.", next_step=f"Write one of {', '.join(allowed)}."
        )
    key = secret.key.read(loaded.folder)
    if len(key) < _MIN_KEY:
        raise Misconfigured(
            f"snmp.{name}.{half}.key is shorter than {_MIN_KEY} characters, which SNMPv3 does not allow.",
            next_step="Set a longer one on the devices.",
        )
    return key


def _weakness_of_community(name: str, community: str) -> str:
    if community.casefold() in _KNOWN_COMMUNITIES:
        return N_(
            f"The community of snmp.{name} is one that everybody tries first; change it on the devices, or use SNMPv3."
        )
    return N_(f"snmp.{name} is SNMPv2c: readable and guessable on the network. Use SNMPv3 where the devices can.")


def _weakness_of_protocols(name: str, raw: SnmpCredential) -> str | None:
    old = [half.protocol for half in (raw.auth, raw.priv) if half is not None and half.protocol in {"MD5", "DES"}]
    return N_(f"snmp.{name} uses {' and '.join(old)}, which are broken; use SHA-256 and AES-128.") if old else None
