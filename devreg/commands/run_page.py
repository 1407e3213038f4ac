"""show R000012: one run with its times, counts and every warning."""

from collections.abc import Iterator
from typing import Final

import msgspec
import orjson

from devreg.commands.collecting import verdict_line
from devreg.domain.device import run_ref
from devreg.i18n import N_, Catalogue
from devreg.services import run_log
from devreg.store.runs import Ended
from devreg.terminal import say
from devreg.wiring import App

_PHASES: Final = (("fetch_ms", N_("Fetching")), ("keep_ms", N_("Keeping")), ("judge_ms", N_("Judging")))


def show_run(app: App, number: int, form: str) -> None:
    """Print one run."""
    ended = run_log.find(app.sessions, number)
    if form == "json":
        said = {"id": run_ref(ended.run_id), "seconds": ended.seconds, **msgspec.to_builtins(ended)}
        del said["run_id"]
        say(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _lines(app.t, ended):
        say(line)


def _lines(t: Catalogue, ended: Ended) -> Iterator[str]:
    yield verdict_line(t, ended)
    end = t.datetime(ended.finished) if ended.finished else "–"
    yield t("{start} to {end}", start=t.datetime(ended.started), end=end)
    phases = ", ".join(f"{t(label).lower()} {_seconds(t, getattr(ended.took, name))}" for name, label in _PHASES)
    if ended.seconds is not None:
        yield t("Took {time}: {phases}", time=_seconds(t, ended.seconds * 1_000), phases=phases)
    for told in (ended.error, ended.next_step, ended.held_reason):
        if told:
            yield t.said(told)
    if ended.failed_parts:
        yield f"{t('Parts that could not be read')}:"
        yield from (f"  {part}: {t.said(reason)}" for part, reason in ended.failed_parts.items())
    if ended.warnings:
        yield f"{t('Warnings')}:"
        yield from (f"  {t.said(warning)}" for warning in ended.warnings)


def _seconds(t: Catalogue, milliseconds: int) -> str:
    return f"{t.number(round(milliseconds / 1_000, 1))} s"
