"""What is to be done about a device that lies idle, and who in the city could use it."""

from enum import StrEnum


class NextStep(StrEnum):
    """What somebody should do about a device."""

    FIND = "find"
    """Its lease ends soon or is over, and it has not been seen: a missing device is paid for."""
    RETURN = "return_or_move"
    """Paid for and not used."""
    OFFER = "offer"
    """In stock for long."""
    ASK = "ask"
    """In use by name, and silent."""


class Reserve(StrEnum):
    """The devices in stock against those there should be."""

    TOO_SMALL = "too_small"
    RIGHT = "right"
    TOO_LARGE = "too_large"


class Scope(StrEnum):
    """What a reserve is for."""

    CITY = "city"
    UNIT = "unit"
    NO_UNIT = "unplaced"
