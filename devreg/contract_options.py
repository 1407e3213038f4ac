"""Settings of contracts: when to warn, and what leasing, buying and keeping are compared by."""

from typing import Annotated

from pydantic import Field, model_validator

from devreg.domain.device import Kind
from devreg.strict import Strict

Three = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]
"""Low, base, high."""


class Rates(Strict):
    """What a class of devices costs beside fee and price, which come from the register: low, base and high, in euros without VAT."""

    setup: Three = (0, 5, 15)
    """Of leasing a device, once."""
    late_months: Three = (0, 0.3, 1)
    """Months that leased devices come back late, on average."""
    damaged_share: Three = (0.01, 0.03, 0.08)
    """Share of leased devices that come back damaged."""
    damage_fee: Three = (30, 60, 120)
    """For one that does."""
    missing_share: Three = (0.0, 0.01, 0.03)
    """Share of leased devices that do not come back."""
    missing_fee: Three = (100, 200, 400)
    """For one that does not."""
    life_years: Annotated[int, Field(ge=1)] = 4
    """How long a bought device is used."""
    repairs: Three = (5, 15, 40)
    """Of a bought device, a year."""
    disposal: Three = (0, 5, 10)
    """Wiping and taking it away."""
    residual: Three = (80, 40, 0)
    """What a bought device brings at the end; the highest counts for the low case."""
    keep_years: Annotated[int, Field(ge=1)] = 2
    """How long an old device is kept on."""
    keep_repairs: Three = (20, 50, 110)
    """Of an old device, a year: repairs, a battery, paid updates."""


class CriticalRule(Strict):
    """Devices that the city can't do without: they need a valid support contract. All conditions given must hold."""

    name: str | None = None
    """Device name; * and ? stand for any text and any character."""
    kind: Kind | None = None
    """Kind of device: server, router, firewall, storage, ups, …"""
    unit: str | None = None
    """Id of the unit that the record, or a rule of units, puts it into."""

    @model_validator(mode="after")
    def _asks(self) -> "CriticalRule":
        if not any((self.name, self.kind, self.unit)):
            raise ValueError("a rule needs one of name, kind, unit")
        return self


class Contracts(Strict):
    """Leases, support contracts and what is said of them in `devreg check` and in the contracts report."""

    warn_days: Annotated[int, Field(ge=1)] = 60
    """A contract that ends within so many days is worth a line in `devreg check`."""
    interest: Three = (1.0, 3.0, 5.0)
    """Interest a year in %, low, base and high: what lease, buy and keep are compared by."""
    rates: dict[Kind, Rates] = {}
    """By class of devices, such as [contracts.rates.laptop]; a class not named takes the program's own."""

    @model_validator(mode="after")
    def _rises(self) -> "Contracts":
        if list(self.interest) != sorted(self.interest):
            raise ValueError("interest is low, base, high")
        return self
