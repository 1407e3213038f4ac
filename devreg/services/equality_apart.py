"""What the equality report shows apart from pupils' devices: leases, phones, network and printing, DigiLab. From the lists themselves."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from devreg.domain.device import Kind, State, Use
from devreg.domain.equality_counts import NOT_STOCK
from devreg.ports import Query, Row
from devreg.services import phones
from devreg.services.browse import Browser
from devreg.services.contract_report import by_state
from devreg.services.phones import PhoneFigures

NETWORK: Final = (Kind.ACCESS_POINT, Kind.PRINTER)
_OF_LEASES: Final = ("state", "next_on", "monthly_fee", "cost_so_far", "cost_to_end")


class Apart(msgspec.Struct, frozen=True):
    """Figures that no coverage is made of."""

    leases: Sequence[Mapping[str, object]]
    """By state, as in the contracts workbook."""
    quarters: Sequence[Row]
    """Rows of the list `cliffs`."""
    phones: PhoneFigures
    idle: Mapping[bool | None, int]
    """Phones by whether they are idle, as the list `circulation` says; None: not known."""
    spares: Sequence[Row]
    """Rows of the list `spares` about phones."""
    network: Mapping[str | None, Mapping[Kind, int]]
    """Unit's name (None: no unit) -> kind -> devices in the house."""
    digilab: Mapping[str | None, int]
    """Kind -> devices of the DigiLab in the house."""


def apart(browser: Browser) -> Apart:
    """Everything as the lists stand now."""
    house = tuple(("state", str(state)) for state in State if state not in NOT_STOCK)
    phone = ("kind", str(Kind.PHONE))
    units: dict[str | None, dict[Kind, int]] = {}
    for kind in NETWORK:
        for unit, devices in browser.facets("devices", Query(where=(("kind", str(kind)), *house)), "unit_name"):
            units.setdefault(unit, {})[kind] = devices
    return Apart(
        leases=by_state(browser.whole("leases", columns=_OF_LEASES).rows),
        quarters=browser.whole("cliffs").rows,
        phones=phones.figures(browser),
        idle={_truth(word): n for word, n in browser.facets("circulation", Query(where=(phone,)), "idle")},
        spares=browser.whole("spares", Query(where=(phone,))).rows,
        network=units,
        digilab=dict(browser.facets("devices", Query(where=(("use", str(Use.DIGILAB)), *house)), "kind")),
    )


def _truth(word: str | None) -> bool | None:
    """PostgreSQL says True and False, SQLite 1 and 0."""
    return None if word is None else word in {"True", "1"}
