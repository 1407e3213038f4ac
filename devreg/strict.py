"""What every settings class is made of."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Strict(BaseModel):
    """Base of every settings class: unknown keys are faults, docstrings become the sample's comments."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _duration(text: object) -> timedelta:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    if isinstance(text, timedelta):
        return text
    found = re.fullmatch(r"([1-9][0-9]{0,6})([smhd])", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError('a time span such as "30m", "6h" or "1d"')
    return timedelta(**{units[found[2]]: int(found[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration)]
