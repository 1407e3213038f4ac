"""Seeded making-up of serials, addresses, dates and shares."""

import random
import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

K = TypeVar("K")
_CODE = string.digits + "ABCDEFGHJKLMNPQRSTVWXYZ"


class Dice(random.Random):
    """A random source for one part of the city, so that a change in one part leaves the others as they were."""

    def __init__(self, seed: int, part: str) -> None:
        super().__init__(f"{seed}:{part}")

    def guid(self) -> str:
        """A random UUID in Microsoft's and Google's spelling."""
        return str(UUID(int=self.getrandbits(128), version=4))

    def code(self, length: int) -> str:
        """Letters and digits as makers put them into serials (no I, O, U)."""
        return "".join(self.choices(_CODE, k=length))

    def digits(self, length: int) -> str:
        """Decimal digits."""
        return "".join(self.choices(string.digits, k=length))

    def mac(self, prefix: str) -> str:
        """12 lower-case hex digits beginning with a maker's prefix."""
        return prefix + f"{self.getrandbits(48):012x}"[len(prefix) :]

    def imei(self, tac: str) -> str:
        """15 digits with a right check digit."""
        body = tac + self.digits(14 - len(tac))
        return body + _luhn(body)

    def before(self, now: datetime, shortest: timedelta, longest: timedelta) -> datetime:
        """A moment between two ages, whole milliseconds."""
        age = shortest + (longest - shortest) * self.random()
        return now - timedelta(milliseconds=int(age / timedelta(milliseconds=1)))


def _luhn(body: str) -> str:
    total = sum(sum(divmod(int(digit) * (1 + index % 2), 10)) for index, digit in enumerate(reversed(body), start=1))
    return str(-total % 10)


def share_out(total: int, weights: Mapping[K, float]) -> dict[K, int]:
    """`total` split by weight into whole numbers that add up to it (largest remainder)."""
    scale = total / sum(weights.values())
    shares = {key: int(weight * scale) for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: shares[key] - weights[key] * scale)
    for key in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares
