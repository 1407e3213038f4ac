"""action verify, action certificate: who looked at a wiped device, and the paper about it."""

from pathlib import Path

from devreg import wiring
from devreg.commands.editing import day_of
from devreg.domain.sanitisation import Category, Verification
from devreg.errors import Misconfigured
from devreg.i18n import LANGUAGES, Catalogue
from devreg.services import action_page, certificates
from devreg.services.certificates import Beside
from devreg.terminal import say


def verify(
    config: Path | None,
    which: str,
    *,
    method: str,
    person: str | None,
    title: str | None,
    on: str | None,
    place: str | None,
    contact: str | None,
    category: str | None,
) -> None:
    """Write down that somebody looked at the device."""
    app = wiring.open_app(config)
    now = wiring.now()
    if category is not None and category not in tuple(Category):
        raise Misconfigured(f"There is no category {category!r}.", next_step=f"There are: {', '.join(Category)}.")
    actor = app.actor()
    said = Verification(
        person=person or actor.entra or actor.name,
        looked_on=day_of(on) if on else now.astimezone(app.t.zone).date(),
        method=method,
        title=title,
        place=place,
        contact=contact,
        category=Category(category) if category else None,
    )
    kept = certificates.verify(app.sessions, actor, action_page.parse(which), said, now=now)
    say(
        app.t(
            "{person} looked at it on {day}: {method}",
            person=kept.person,
            day=app.t.date(kept.looked_on),
            method=kept.method,
        )
    )


def certificate(
    config: Path | None, which: str, beside: Beside, *, out: Path, language: str | None, order: bool
) -> None:
    """Write the sanitisation record, or with `order` the record of an order."""
    from devreg.commands.reporting import demand_language  # loads the workbook writer

    app = wiring.open_app(config)
    lang = language or app.t.language
    demand_language(lang, LANGUAGES)
    t = Catalogue(lang, app.loaded.settings.registry.timezone)
    certificates.make(
        app.sessions,
        app.actor(),
        action_page.parse(which),
        beside,
        out.name,
        lambda told, trail: wiring.write_certificate(told, out, t, trail),
        now=wiring.now(),
        order_only=order,
    )
    say(str(out))
