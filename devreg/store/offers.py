"""Who could be given what from stock, as it was last weighed."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from devreg.domain.circulation import Offer
from devreg.store.counters import one_at_a_time
from devreg.store.schema import offer


def kept(session: Session) -> list[Offer]:
    """The neediest first."""
    columns = (offer.c[name] for name in Offer.__struct_fields__)
    return [Offer(*row) for row in session.execute(select(*columns).order_by(offer.c.position))]


def keep(session: Session, offers: Sequence[Offer]) -> None:
    """These instead of those that were kept."""
    one_at_a_time(session)
    session.execute(delete(offer))
    if offers:
        rows = [
            {"position": place, **{name: getattr(one, name) for name in Offer.__struct_fields__}}
            for place, one in enumerate(offers, 1)
        ]
        session.execute(insert(offer), rows)
