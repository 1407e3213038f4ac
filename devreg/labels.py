"""Settings of the register's own asset tags, and of the labels they are printed on."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from devreg.domain.asset_tags import FEWEST_DIGITS, MOST_DIGITS, Series
from devreg.strict import Strict


def _prefix(text: str) -> str:
    """Two letters at least: D, R and other single letters before a number name what is in the register."""
    if not re.fullmatch("[A-Z]{2,6}", text):
        raise ValueError("two to six capital letters A to Z")
    return text


Millimetres = Annotated[float, Field(gt=0, le=1000)]
Gap = Annotated[float, Field(ge=0, le=1000)]


class Tags(Strict):
    """The register's own asset tags, which `devreg tag issue` gives: prefix, running number, check character. A series that has
    begun stays unique when these are changed."""

    prefix: Annotated[str, AfterValidator(_prefix)] = "IT"
    """Two to six capital letters."""
    digits: Annotated[int, Field(ge=FEWEST_DIGITS, le=MOST_DIGITS)] = 6
    """How many digits follow; then one check character."""
    first: Annotated[int, Field(ge=1)] = 1
    """The number to begin with, where earlier ones stand on devices that the register does not know."""

    @property
    def series(self) -> Series:
        """As the rules know it."""
        return Series(self.prefix, self.digits, self.first)


class Labels(Strict):
    """The sheet that `devreg label` prints on, in millimetres; the labels stand in the middle of the page unless left and top say
    otherwise. As it stands it is A4 with 4 x 12 labels of 45.7 x 21.2 (Avery L4778, L6009 and alike)."""

    owner: str | None = None
    """Whose the devices are, printed on each label and receipt: "Esimerkkilän kaupunki"."""
    page_width: Millimetres = 210.0
    """A label printer's roll: the label's own width and height, with columns = 1 and rows = 1."""
    page_height: Millimetres = 297.0
    columns: Annotated[int, Field(ge=1, le=50)] = 4
    rows: Annotated[int, Field(ge=1, le=100)] = 12
    width: Millimetres = 45.7
    """Of one label."""
    height: Millimetres = 21.2
    column_gap: Gap = 2.5
    """Between two labels side by side."""
    row_gap: Gap = 0.0
    """Between two labels one above the other."""
    left: Gap | None = None
    """From the page's left edge to the first label."""
    top: Gap | None = None
    """From the page's upper edge to the first label."""

    @model_validator(mode="after")
    def _fits(self) -> "Labels":
        across = (self.left or 0) + self.columns * self.width + (self.columns - 1) * self.column_gap
        down = (self.top or 0) + self.rows * self.height + (self.rows - 1) * self.row_gap
        if across > self.page_width + 0.1 or down > self.page_height + 0.1:
            raise ValueError(f"{across:g} x {down:g} mm of labels don't fit the page")
        return self
