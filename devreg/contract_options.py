"""Settings of contracts."""

from typing import Annotated

from pydantic import Field

from devreg.strict import Strict


class Contracts(Strict):
    """Leases, support contracts and what is said of them in `devreg check`."""

    warn_days: Annotated[int, Field(ge=1)] = 60
    """A contract that ends within so many days is worth a line in `devreg check`."""
