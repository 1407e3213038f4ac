"""What changed since the last kept picture, in three sentences: the city, its units, and what can't be compared."""

from collections.abc import Iterator, Mapping

from devreg.domain.equality_trend import Change
from devreg.i18n import Catalogue

Names = Mapping[str, tuple[str | None, str | None]]


def sentences(change: Change, names: Names, t: Catalogue) -> tuple[str, str, str]:
    """Always three, in the same words for the same figures."""
    return _city(change, t), _units(change, names, t), _limits(change, names, t)


def _city(change: Change, t: Catalogue) -> str:
    before, after = change.before, change.after
    said = {
        "day": t.date(before.day), "fit": t.number(before.fit), "fit_now": t.number(after.fit), "need": t.number(before.need),
        "need_now": t.number(after.need),
    }  # fmt: skip
    if before.coverage is None or after.coverage is None or not change.is_comparable:
        return t("Since {day}: fit devices {fit} → {fit_now}, needed {need} → {need_now}.", **said)
    return t(
        "Since {day} coverage went from {share} to {share_now}: fit devices {fit} → {fit_now}, needed {need} → {need_now}.",
        share=t.percent(before.coverage, 1), share_now=t.percent(after.coverage, 1), **said,
    )  # fmt: skip


def _units(change: Change, names: Names, t: Catalogue) -> str:
    if change.other_gates or not (change.better or change.worse or change.same):
        return t("No unit's coverage can be compared.")
    counts = {
        "better": t.number(len(change.better)),
        "worse": t.number(len(change.worse)),
        "same": t.number(change.same),
    }
    text = t("Coverage by unit: {better} better, {worse} worse, {same} the same", **counts)
    most = [
        f"{_name(key, names, t)} {'+' if step > 0 else '−'}{t.number(abs(step) * 100, 1)} {t('pp')}"
        for key, step in (*change.better[:1], *change.worse[:1])
    ]
    return f"{text} ({', '.join(most)})." if most else f"{text}."


def _limits(change: Change, names: Names, t: Catalogue) -> str:
    found = list(_differences(change, names, t))
    if not found:
        return t("Both were measured alike: same targets, same rules, same units, pupils of the same day.")
    return t("To be kept in mind: {differences}.", differences="; ".join(found))


def _differences(change: Change, names: Names, t: Catalogue) -> Iterator[str]:
    before, after = change.before, change.after
    if change.other_gates:
        yield t("what makes a device fit is another now, so that fit devices and coverage can't be compared")
    if change.other_targets:
        units = ", ".join(_name(key, names, t) for key in change.other_targets)
        yield t("other targets or stages, so that coverage can't be compared: {units}", units=units)
    if not change.same_pupils:
        then, now = (t.date(day) if day else t("not known") for day in (before.pupils_on, after.pupils_on))
        yield t("pupils counted on {then} and on {now}", then=then, now=now)
    if change.come:
        yield t("new or not measured then: {units}", units=", ".join(_name(key, names, t) for key in change.come))
    if change.gone:
        yield t("not measured any more: {units}", units=", ".join(_name(key, names, t) for key in change.gone))
    for point in (before, after):
        if point.devices_on != point.day:
            yield t(
                "the picture of {day} has the devices of {made}", day=t.date(point.day), made=t.date(point.devices_on)
            )


def _name(key: str, names: Names, t: Catalogue) -> str:
    fi, sv = names.get(key, (None, None))
    return (sv or fi if t.language == "sv" else fi or sv) or key
