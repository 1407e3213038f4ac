"""Asset tags that the register gives: a prefix, a running number, and a character that tells a mistyped one.

The check character is ISO/IEC 7064 MOD 37,36 over prefix and number: it finds every single wrong character and nearly every
pair of neighbours that changed places.
"""

from typing import Final

import msgspec
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

FEWEST_DIGITS: Final = 4
MOST_DIGITS: Final = 9


class Series(msgspec.Struct, frozen=True):
    """How the register's own tags are made."""

    prefix: str
    """Capital letters."""
    digits: int
    first: int = 1
    """The number the series begins with."""

    def tag(self, number: int) -> str | None:
        """`IT0000425` for 42; None when the number has more digits than the series."""
        body = f"{self.prefix}{number:0{self.digits}d}"
        if len(body) > len(self.prefix) + self.digits:
            return None
        return body + str(mod_37_36.calc_check_digit(body))

    def is_mistyped(self, text: str) -> bool:
        """Whether it looks like a tag of the series and its check character says that it is none."""
        tag = "".join(text.upper().split())
        body = tag.removeprefix(self.prefix)
        if body == tag or len(body) != self.digits + 1 or not (tag.isascii() and tag.isalnum()):
            return False
        try:
            mod_37_36.validate(tag)
        except ValidationError:
            return True
        return False
