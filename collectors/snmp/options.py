"""Settings of an SNMP source: which addresses, with which credentials, how fast."""

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Final

import msgspec
from pydantic import Field, field_validator, model_validator

from collectors.snmp.wire import SNMP_PORT
from devreg.domain.job import Job
from devreg.settings import Duration, SourceOptions, Strict

_MAX_ADDRESSES: Final = 65_536
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Target(msgspec.Struct, frozen=True):
    """One place to ask."""

    host: str
    """IP address or name."""
    port: int
    named: bool
    """Written out in the settings: its silence is worth a sentence. An address of a network may well be empty."""
    credentials: tuple[str, ...]

    @property
    def label(self) -> str:
        """As the settings would name it."""
        if self.port == SNMP_PORT:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Range(Strict):
    """Addresses that share credentials."""

    targets: tuple[str, ...]
    """Networks (10.20.0.0/24), hosts (core-1.example) or hosts with a port (10.20.0.9:1161)."""
    exclude: tuple[str, ...] = ()
    """Addresses or networks never asked."""
    credentials: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of [snmp.NAME] sets, tried in this order. Naming a 2c set is the allowance for these targets."""

    @field_validator("targets")
    @classmethod
    def _readable(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        for target in targets:
            split_target(target)
        return targets

    @field_validator("exclude")
    @classmethod
    def _networks(cls, exclude: tuple[str, ...]) -> tuple[str, ...]:
        for text in exclude:
            ipaddress.ip_network(text, strict=False)
        return exclude

    @model_validator(mode="after")
    def _not_endless(self) -> "Range":
        size = sum(net.num_addresses for net in map(_network, self.targets) if net is not None)
        if size > _MAX_ADDRESSES:
            raise ValueError(
                f"{size} addresses in one range; at most {_MAX_ADDRESSES}: name the networks that hold devices"
            )
        return self

    def addresses(self) -> Iterator[Target]:
        """Every target, in order, without the excluded ones and without network and broadcast addresses."""
        excluded = [ipaddress.ip_network(text, strict=False) for text in self.exclude]
        for text in self.targets:
            network = _network(text)
            if network is None:
                host, port = split_target(text)
                hosts = [Target(host, port, True, self.credentials)]
            else:
                hosts = [Target(str(ip), SNMP_PORT, False, self.credentials) for ip in network.hosts()]
            yield from (target for target in hosts if not _is_in(target.host, excluded))


class SnmpOptions(SourceOptions):
    """Network devices read over SNMP: switches, access points, printers, UPSs, routers, firewalls."""

    jobs: ClassVar[tuple[Job, ...]] = tuple(Job)
    ranges: Annotated[tuple[Range, ...], Field(min_length=1)]
    """Where to look; an address in two ranges belongs to the first."""
    keep_samples: Duration = timedelta(days=14)
    """How long the counters of ports are kept that the load job reads."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """How long to wait for one answer."""
    retries: Annotated[int, Field(ge=0, le=10)] = 1
    """How often an unanswered question is asked again."""
    concurrency: Annotated[int, Field(ge=1, le=500)] = 50
    """Devices read at the same time."""
    rate: Annotated[int, Field(ge=1, le=5_000)] = 500
    """Packets sent a second, over all devices."""

    vendors: str | None = None
    """A TOML file, relative to this one, with vendors' rules of your own: written like collectors/snmp/vendors.toml, and over it."""

    def targets(self) -> Iterator[Target]:
        """Every target of every range, each once."""
        seen: set[tuple[str, int]] = set()
        for part in self.ranges:
            for target in part.addresses():
                if (target.host, target.port) not in seen:
                    seen.add((target.host, target.port))
                    yield target


def split_target(text: str) -> tuple[str, int]:
    """Host and port of a target. Raises ValueError saying what is allowed."""
    if _network(text) is not None or _is_address(text):
        return text, SNMP_PORT
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, str(SNMP_PORT)
    host = host.removeprefix("[").removesuffix("]")
    looks_numeric = host.replace(".", "").isdigit() and not _is_address(host)
    if not host or "/" in host or looks_numeric or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} is no network (10.20.0.0/24), host, or host:port")
    return host, int(port)


def _network(text: str) -> Network | None:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(host: str, networks: list[Network]) -> bool:
    return _is_address(host) and any(ipaddress.ip_address(host) in network for network in networks)
