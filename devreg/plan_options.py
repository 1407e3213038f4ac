"""Settings of the planner, part of [equality]."""

from typing import Annotated

from pydantic import Field

from devreg.domain.device import Kind, Stage
from devreg.strict import Strict


class PlanOptions(Strict):
    """What `devreg plan` goes by beside the targets."""

    kinds: dict[Stage, Annotated[tuple[Kind, ...], Field(min_length=1)]] = {}
    """What a plan gives a stage: upper = ["laptop", "chromebook"]; the first is what it buys. A stage not named takes the default."""
    prices: dict[Kind, Annotated[float, Field(gt=0)]] = {}
    """What a new device costs, in euros without VAT: chromebook = 330. What has none is not bought from a budget."""
    lease_margin_days: Annotated[int, Field(ge=0)] = 30
    """A plan moves a leased device only if its lease goes on for so long after the plan's end."""
