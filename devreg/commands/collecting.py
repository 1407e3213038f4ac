"""collect: sources read."""

import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from devreg import wiring
from devreg.commands.action_lines import tell_settled
from devreg.commands.following import weigh
from devreg.domain.absence import Verdict
from devreg.domain.device import device_ref, parse_ref, run_ref
from devreg.domain.job import Job
from devreg.domain.rights import Actor, Right
from devreg.domain.words import label
from devreg.errors import AlreadyRunning, DatabaseUnavailable, DevregError, Misconfigured
from devreg.i18n import N_, Catalogue
from devreg.services import collect as service
from devreg.services import suggesting, yardsticks
from devreg.services.acting import ask
from devreg.store.runs import Counts, Ended
from devreg.terminal import ProgressLines, note, progress, say
from devreg.wiring import App, Source

_SIDE_BY_SIDE: Final = 4
"""Sources read at the same time; waiting for the network overlaps, writing takes turns."""

_COUNTS: Final = (
    ("seen", N_("Seen")), ("new", N_("New")), ("changed", N_("Changed")), ("same", N_("Same")), ("review", N_("To review")),
    ("rejected", N_("Rejected")), ("missing", N_("Missing")),
)  # fmt: skip


def collect(config: Path | None, names: Sequence[str], *, due: bool, dry_run: bool, accept_held: str | None) -> int:
    """Read sources, or accept a held run; 1 when something needs a person, 3 when every source was already running."""
    app = wiring.open_app(config)
    if accept_held is not None:
        return _accept(app, accept_held)
    if due:
        from devreg.commands import scheduling  # writes reports, so loads what makes workbooks

        return scheduling.run_due(app, names, dry_run=dry_run)
    return collect_all(app, app.named(names), dry_run=dry_run)


def collect_all(app: App, sources: Sequence[Source], *, dry_run: bool = False) -> int:
    """Read these sources side by side; a line a source as it ends. One that fails stops no other."""
    codes = collect_each(app, sources, dry_run=dry_run)
    if not dry_run:
        follow_actions(app)
        notify(app)
    return exit_code(codes)


def follow_actions(app: App) -> None:
    """Look what became of remote actions; a line for each that moved on, or that could not be looked at. Sends nothing."""
    for one in wiring.settle(app):
        if one.has_moved or one.problem is not None:
            tell_settled(app.t, one)


def notify(app: App) -> None:
    """Tell people what the runs that ended leave to be told; what could not be sent, on stderr."""
    note("\n".join(app.t.told(error) for error in wiring.notify(app)))


def exit_code(codes: Collection[int]) -> int:
    """Of several: the worst, but 3 only when everything was already running."""
    return 3 if set(codes) == {3} else max({*codes} & {0, 1, 4}, default=0)


def collect_each(
    app: App,
    sources: Sequence[Source],
    *,
    dry_run: bool = False,
    jobs: Mapping[str, Sequence[Job | None]] | None = None,
    unended: Collection[str] = (),
) -> list[int]:
    """Read these sources side by side, each source's jobs one after the other; how each ended.

    `jobs`: which of each source's, not named: all in one run. Where one of `unended` turns out to be running, nothing is said.
    """
    who = app.actor()
    ask(
        app.sessions, who, Right.COLLECT, doing="read sources", now=wiring.now()
    )  # once for all of them, and also when there is none
    if not dry_run:
        settings = app.loaded.settings
        yardsticks.follow(
            app.sessions, settings.calendar, settings.circulation, wiring.now(), settings.registry.timezone
        )
    with progress(app.t) as lines, ThreadPoolExecutor(1 if dry_run else _SIDE_BY_SIDE) as pool:
        together = _Together(app, who, lines, threading.Lock(), dry_run, frozenset(unended))
        codes = pool.map(
            lambda source: [together.read(source, job) for job in (jobs or {}).get(source.name, (None,))], sources
        )
        ended = list(chain.from_iterable(codes))
    asked = chain.from_iterable((jobs or {}).get(source.name, (None,)) for source in sources)
    if not dry_run and any(job is None or job.lists_devices for job in asked):
        tell_suggestions(app, who)
        weigh(app)
    return ended


def tell_suggestions(app: App, who: Actor) -> None:
    """Look for what sources suggest of devices' states now; how many are new, and what rules did with them."""
    t, options = app.t, app.loaded.settings.lifecycle
    looked = suggesting.look(app.sessions, who, options, t.zone, wiring.now())
    for device_id in looked.moved:
        say(t("{device}: moved on by rule; `devreg list transitions` shows it.", device=device_ref(device_id)))
    for device_id, why in looked.stuck:
        note(f"{device_ref(device_id)}: {t.said(why)}")
    if looked.found:
        told = t.many("{n} new suggestion", "{n} new suggestions", len(looked.found))
        say(t("{told}: `devreg list suggestions` shows what is open.", told=told))


class _Together(msgspec.Struct, frozen=True):
    """What sources that are read side by side share."""

    app: App
    who: Actor
    lines: ProgressLines
    turn: AbstractContextManager[object]
    dry_run: bool
    unended: frozenset[str]

    def read(self, source: Source, job: Job | None) -> int:
        """Do a job of a source and tell how it ended; its exit code."""
        t, line = self.app.t, self.lines.begin(source.name)
        try:
            collector = source.collector(self.app.loaded)
            ended = service.collect(
                self.app.sessions,
                self.who,
                collector,
                source.feed(collector, job),
                wiring.now,
                turn=self.turn,
                progress=lambda counts: self.lines.move(line, source.name, counts.seen),
                dry_run=self.dry_run,
                budget=source.options.budget,
            )
        except DevregError as error:
            if isinstance(error, AlreadyRunning) and source.name in self.unended:
                return 0
            note(f"{source.name}: {t.told(error)}")
            return 3 if isinstance(error, AlreadyRunning) else 4 if isinstance(error, DatabaseUnavailable) else 1
        finally:
            self.lines.end(line)
        say(verdict_line(t, ended))
        return tell(t, ended)


def verdict_line(t: Catalogue, ended: Ended) -> str:
    """`R000012 intune: complete. Seen 1 200, new 3, …`; `R000013 network load: …` where it did one job of several."""
    name = f"{ended.source} {ended.job}" if ended.job else ended.source
    counts = ", ".join(f"{t(word).lower()} {t.number(getattr(ended.counts, key))}" for key, word in _COUNTS)
    return f"{run_ref(ended.run_id)} {name}: {t(label(ended.verdict))}; {counts}"


def tell(t: Catalogue, ended: Ended) -> int:
    """Why a run needs a person, on stderr; 1 when it does."""
    lines: list[str] = []
    if ended.error:
        lines.append(f"{t.said(ended.error)} {t.said(ended.next_step or '')}".rstrip())
    if ended.held_reason:
        accept = f"devreg collect --accept-held {run_ref(ended.run_id)}"
        lines.append(
            t(
                "Held: {reason}. Nothing was called missing. To accept: {command}",
                reason=t.said(ended.held_reason),
                command=accept,
            )
        )
    lines.extend(f"{part}: {t.said(reason)}" for part, reason in list(ended.failed_parts.items())[:5])
    more = len(ended.failed_parts) - 5
    if more > 0:
        lines.append(t("… and {n} more", n=t.number(more)))
    lines.extend(t.said(warning) for warning in ended.warnings[:5])
    about = f"{ended.source}: "  # some sentences begin with it already
    note("\n".join(about + line.removeprefix(about) for text in lines for line in text.splitlines()))
    needs_person = ended.verdict in {Verdict.FAILED, Verdict.HELD} or ended.error is not None
    return 1 if needs_person else 0


def _accept(app: App, text: str) -> int:
    number = parse_ref("R", text if text[:1] in {"R", "r"} else f"R{text}")
    if number is None:
        raise Misconfigured(f"{text!r} is no run; runs look like R000012.")
    say(verdict_line(app.t, service.accept_held(app.sessions, app.actor(), number, wiring.now)))
    return 0


__all__ = [
    "Counts",
    "collect",
    "collect_all",
    "collect_each",
    "exit_code",
    "follow_actions",
    "notify",
    "tell",
    "verdict_line",
]
