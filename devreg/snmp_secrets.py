"""Settings of what SNMP agents let us in by."""

from typing import Literal

from pydantic import model_validator

from devreg.secret import SecretRef
from devreg.strict import Strict


class SnmpSecret(Strict):
    """One half of an SNMPv3 credential."""

    protocol: str
    """auth: SHA-256, SHA-512, SHA-384, SHA-224, SHA, MD5; priv: AES-128, AES-192, AES-256, DES."""
    key: SecretRef


class SnmpCredential(Strict):
    """A named SNMP credential; ranges name the sets they may try."""

    version: Literal["2c", "3"]
    user: str | None = None
    """SNMPv3 user."""
    auth: SnmpSecret | None = None
    priv: SnmpSecret | None = None
    community: SecretRef | None = None
    """SNMPv2c community. Naming a 2c set in a range is the explicit allowance for its targets."""
    context: str = ""
    """SNMPv3 context."""

    @model_validator(mode="after")
    def _whole(self) -> "SnmpCredential":
        if self.version == "2c" and self.community is None:
            raise ValueError('version "2c" needs community')
        if self.version == "3" and (self.user is None or self.auth is None or self.priv is None):
            raise ValueError('version "3" needs user, auth and priv (authPriv)')
        return self
