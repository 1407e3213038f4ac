"""What speaks against two clusters of records being one device, and what of it people are asked."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import product
from typing import Final

from devreg.domain.nodes import Cluster, Node, Rung, all_values
from devreg.domain.observation import IdKind

OTHER_MAKER: Final = "same serial number, another manufacturer"
OTHER_MAKER_IMEI: Final = "same IMEI, another manufacturer"
OTHER_MAKER_MAC: Final = "same MAC address, another manufacturer"
CLONED: Final = "same serial number in two virtual machines: a clone?"
OTHER_HARDWARE: Final = "same identifier twice in one source, other hardware"
OTHER_SERIAL: Final = "same IMEI, another serial number"
MANY_IMEIS: Final = "more IMEIs than one device has"
TWICE: Final = "same MAC addresses twice in one source, no serial number"
PERHAPS_DOCK: Final = "same MAC address: one device, or a dock that two have used?"

ASKED: Final = (
    OTHER_MAKER, OTHER_MAKER_IMEI, OTHER_MAKER_MAC, CLONED, OTHER_HARDWARE, OTHER_SERIAL, MANY_IMEIS, TWICE, PERHAPS_DOCK,
)  # fmt: skip
"""English msgids, the weightiest first: of several contradictions around one identifier people are told the first."""

SETTLED: Final = "kept apart by a person"
DOCK: Final = "shares a dock or an adapter"
TAKEN: Final = "another device has its earlier serial number now"
"""These three are nobody's question: settled, everyday, or asked already as a new serial number."""

_MOST: Final = {IdKind.IMEI: 2, IdKind.MEID: 2}
"""How many of a kind one device has: two SIMs."""
_GRACE: Final = timedelta(days=1)
"""A last word of the old record may arrive after the new one began."""
_MAKER: Final = {Rung.SERIAL: OTHER_MAKER, Rung.FORMER: OTHER_MAKER, Rung.MAC: OTHER_MAKER_MAC}


def crowded(clusters: Iterable[Cluster]) -> frozenset[IdKind]:
    """Kinds of which these together have more than one device can."""
    found = list(clusters)
    return frozenset(kind for kind, most in _MOST.items() if len(all_values(found, kind)) > most)


def against(one: Cluster, other: Cluster, rung: Rung, touching: bool, too_many: Collection[IdKind] = ()) -> str | None:
    """The weightiest thing against the two being one device; None when they fit.

    `touching`: they share an identifier of the rung themselves, not only through others. `too_many`: kinds of which all that
    hang together have more than one device can.
    """
    if one.pin is not None and other.pin is not None:
        return SETTLED if one.pin != other.pin else None
    if _is_taken(one, other):
        return TAKEN
    found: str | None
    match rung:
        case Rung.DECISION:
            found = None
        case Rung.SERIAL:  # an asset tag in the serial's column, handed on to another phone
            found = (
                OTHER_HARDWARE if any(_apart(a.owners, b.owners) for a, b in product(one.nodes, other.nodes)) else None
            )
        case Rung.FORMER:
            found = (
                TAKEN if one.live_sources() & other.live_sources() else None
            )  # to a source that lists both they are two
        case Rung.IMEI | Rung.MEID:
            found = OTHER_SERIAL if _apart(one.serials(), other.serials()) else None
        case Rung.MAC:
            found = DOCK if _apart(one.serials(), other.serials()) else _by_mac(one, other, touching)
    if found is None and _apart(one.makers, other.makers):
        found = _MAKER.get(rung, OTHER_MAKER_IMEI)
    if found is None:
        found = _within_one_source(one, other)
    if found is None and any(_is_too_many(one, other, kind) for kind in too_many):
        found = MANY_IMEIS
    return DOCK if found in ASKED and rung is Rung.MAC and not touching else found


def _apart(mine: set[str] | frozenset[str], theirs: set[str] | frozenset[str]) -> bool:
    """Both say something, and nothing of it is the same."""
    return bool(mine) and bool(theirs) and not mine & theirs


def _is_too_many(one: Cluster, other: Cluster, kind: IdKind) -> bool:
    mine, theirs = one.values(kind), other.values(kind)
    return _apart(mine, theirs) or bool(mine and theirs and len(mine | theirs) > _MOST[kind])


def _is_taken(one: Cluster, other: Cluster) -> bool:
    """Whether one's earlier serial number is what ties them, and the other is no paper that may still be about it."""
    if one.values(IdKind.SERIAL) & other.values(IdKind.SERIAL):
        return False
    return _holds(one, other.former) or _holds(other, one.former) or _both_had(one, other)


def _holds(cluster: Cluster, serials: set[str]) -> bool:
    return any(node.live and not node.is_listed and node.values(IdKind.SERIAL) & serials for node in cluster.nodes)


def _both_had(one: Cluster, other: Cluster) -> bool:
    """Whether they share earlier serial numbers that neither has now."""
    held = one.values(IdKind.SERIAL) & other.serials() | other.values(IdKind.SERIAL) & one.serials()
    return not held and bool(one.former & other.former)


def _by_mac(one: Cluster, other: Cluster, touching: bool) -> str | None:
    """A MAC may be a dock's: it counts when one has no other MAC than those of the other, and no tool has both at once."""
    mine, theirs = one.values(IdKind.MAC), other.values(IdKind.MAC)
    other_maker = _apart(one.makers, other.makers)
    if any(_are_at_once(a, b) for a, b in _pairs(one, other)):
        known = one.serials() or other.serials() or one.values(IdKind.IMEI) or other.values(IdKind.IMEI)
        return TWICE if touching and mine == theirs and not known and not other_maker else DOCK
    if not touching or _is_all_of(one, other) or _is_all_of(other, one):
        return None
    return DOCK if other_maker or (one.serials() and other.serials()) else PERHAPS_DOCK


def _is_all_of(part: Cluster, whole: Cluster) -> bool:
    """Whether the MACs of `part` are the other's too, and are its own and no dock's.

    A laptop with a serial number whose only MAC is a dock's looks like anybody who used that dock; a label on paper doesn't.
    """
    if not part.values(IdKind.MAC) <= whole.values(IdKind.MAC):
        return False
    return not part.serials() or all(node.is_listed for node in part.nodes)


def _within_one_source(one: Cluster, other: Cluster) -> str | None:
    """A source that has two records with one identifier: enrolled anew, unless it is two things that say the same."""
    pairs = _pairs(one, other)
    if any(_are_clones(a, b) for a, b in pairs):
        return CLONED
    return OTHER_HARDWARE if any(_is_other_hardware(a, b) for a, b in pairs) else None


def _pairs(one: Cluster, other: Cluster) -> list[tuple[Node, Node]]:
    """Records of one source, one in each; what it lists and what it sees are two things, and one device may well be both."""
    return [(a, b) for a, b in product(one.nodes, other.nodes) if a.source == b.source and a.is_listed == b.is_listed]


def _are_at_once(one: Node, other: Node) -> bool:
    """Whether a tool has both now and not one after the other."""
    return one.live and other.live and not one.is_listed and not _in_turn(one, other)


def _are_clones(one: Node, other: Node) -> bool:
    """Two virtual machines that were there at once, also when one of them is gone by now."""
    if not (one.is_virtual and other.is_virtual) or one.is_listed:
        return False
    if one.span is None or other.span is None:
        return one.live and other.live
    first, second = sorted((one.span, other.span))
    return not first[1] <= second[0] or first[0] == second[0]


def _is_other_hardware(one: Node, other: Node) -> bool:
    """Of two SIMs a tool tells one, and after a new enrolment perhaps the other; of a list each row is for a reason."""
    macs, imeis = (
        (one.values(IdKind.MAC), other.values(IdKind.MAC)),
        (one.values(IdKind.IMEI), other.values(IdKind.IMEI)),
    )
    if _apart(*macs):
        return True
    if one.is_listed:
        return one.live and other.live and _apart(one.tags, other.tags)
    if one.live and other.live and _apart(one.models, other.models):
        return True
    if macs[0] & macs[1] or imeis[0] & imeis[1] or _in_turn(one, other):
        return False
    return _apart(*imeis) or (one.span is not None and other.span is not None)


def _in_turn(one: Node, other: Node) -> bool:
    """Whether one fell silent before the other began: the same device enrolled anew."""
    if one.span is None or other.span is None:
        return False
    first, second = sorted((one.span, other.span))
    return first[1] <= second[0] + _GRACE
