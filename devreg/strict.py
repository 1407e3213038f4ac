"""What every settings class is made of."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


class Strict(BaseModel):
    """Base of every settings class: unknown keys are faults, docstrings become the sample's comments."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def span_text(span: timedelta) -> str:
    """The span as it is written in the settings: 30m, 6h, 1d."""
    letter, unit = next((pair for pair in _UNITS.items() if span % pair[1] == timedelta(0)), ("s", _UNITS["s"]))
    return f"{span / unit:g}{letter}"


def _duration(text: object) -> timedelta:
    if isinstance(text, timedelta):
        return text
    found = re.fullmatch(r"([1-9][0-9]{0,6})([smhd])", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError('a time span such as "30m", "6h" or "1d"')
    return int(found[1]) * _UNITS[found[2]]


Duration = Annotated[timedelta, BeforeValidator(_duration)]


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()]+@[A-Za-z0-9.-]+", text) or not text.isascii():
        raise ValueError("an address such as it@city.example")
    return text


MailAddress = Annotated[str, AfterValidator(_mail_address)]
