"""Where sources disagree about who has a device or where it is: to be settled whatever decided, for one of them is wrong."""

from collections.abc import Mapping
from typing import Final

from devreg.domain.policy import PERSON
from devreg.domain.provenance import Chosen, Claim

CONTESTED: Final = ("holder", "holder_email", "unit")


def contested(fields: Mapping[str, Chosen]) -> dict[str, Claim]:
    """Field -> the best claim of a source that says now something else than what is shown.

    Names are not compared where addresses are: one person is written in many ways.
    """
    found = {name: claim for name in CONTESTED if name in fields and (claim := _other(fields[name])) is not None}
    if "holder" in found and _told_by_address(fields, found["holder"]):
        del found["holder"]
    return found


def _other(chosen: Chosen) -> Claim | None:
    shown = _plain(chosen.value)
    others = (claim for claim in chosen.losers if claim.live and claim.kind != PERSON)
    return next((claim for claim in others if _plain(claim.value) != shown), None)


def _told_by_address(fields: Mapping[str, Chosen], other: Claim) -> bool:
    """Whether both who is shown and who else is named come with an address."""
    address = fields.get("holder_email")
    if address is None or address.source != fields["holder"].source:
        return False
    return any((claim.source, claim.native_id) == (other.source, other.native_id) for claim in address.losers)


def _plain(value: object) -> str | None:
    return None if value is None else str(value).casefold()
