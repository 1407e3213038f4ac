"""The one place that joins settings, register, collectors, screens and reports."""

import importlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from collectors import READERS, REGISTRY
from collectors.actions import SENDERS
from collectors.sheet_profiles import profiles
from devreg import __version__, config_file
from devreg import settings as files
from devreg.action_options import ACTING, ActionOptions, shared
from devreg.action_ports import ActionReader, ActionSender, Ask
from devreg.domain.absence import Grace
from devreg.domain.action import Limits
from devreg.domain.job import Job
from devreg.domain.policy import Policy
from devreg.domain.rights import Actor, Right
from devreg.domain.tools import ToolRule
from devreg.errors import DatabaseUnavailable, DevregError, Misconfigured
from devreg.i18n import Catalogue, speak
from devreg.ports import Collector, Outside
from devreg.services import actors
from devreg.services import settle as settling
from devreg.services.certificates import Certificate
from devreg.services.desk import Desk, Reach
from devreg.services.freezing import Brake
from devreg.services.ingest import Feed
from devreg.services.schedule import report_key
from devreg.services.settle import Settled
from devreg.settings import Fault, Loaded, SourceOptions
from devreg.store import migrate
from devreg.store.engine import Sessions, connect


class Source(msgspec.Struct, frozen=True):
    """A configured source, ready to be made into a collector."""

    name: str
    options: SourceOptions
    maker: Any
    """The collector's class."""
    policy: Policy
    tools: tuple[ToolRule, ...]

    def collector(self, loaded: Loaded) -> Collector:
        """The source's reader; touches no network yet."""
        made: Collector = self.maker(self.name, self.options, loaded)
        return made

    def feed(self, collector: Collector, job: Job | None = None) -> Feed:
        """What ingest needs to know to do one job of the source, or all."""
        said = (*self.options.units, *self.options.critical)
        rules = [rule.model_dump(mode="json", exclude_none=True) for rule in said]
        read_by = getattr(collector, "rules_mark", None)  # only what is read by rules of a file has one
        mapping = json.dumps([self.maker.mapping_version, rules, read_by], sort_keys=True)
        grace = Grace(self.options.grace.runs, self.options.grace.time)
        keep = getattr(self.options, "keep_samples", None)  # only what is measured has them
        kind, rules_ = self.options.kind, self.options.units
        return Feed(
            self.name,
            kind,
            collector.observe,
            rules_,
            mapping,
            grace=grace,
            policy=self.policy,
            tools=self.tools,
            job=job,
            critical=self.options.critical,
            keep_samples=keep,
        )


class App(msgspec.Struct, frozen=True):
    """Everything a command needs."""

    loaded: Loaded
    sessions: Sessions
    t: Catalogue
    sources: dict[str, Source]
    actions: dict[str, ActionOptions]
    """How somebody acts on the sources that can be acted on, by the source's name."""

    def actor(self) -> Actor:
        """Who uses the program now."""
        return actors.at_the_keyboard(self.sessions, self.loaded.settings.operators)

    def named(self, names: Iterable[str]) -> list[Source]:
        """These sources, or all when none is named. Raises Misconfigured naming those there are."""
        wanted = list(names) or list(self.sources)
        for name in wanted:
            if name not in self.sources:
                known = ", ".join(self.sources) or "none"
                raise Misconfigured(
                    f"There is no source {name!r} in {self.loaded.path}.", next_step=f"There are: {known}."
                )
        return [self.sources[name] for name in wanted]


def importer(app: App, file: Path, profile: str, encoding: str | None) -> tuple[Any, Feed]:
    """The reader of a sheet that somebody imports, and the source its rows are kept under: no source of the settings has a colon."""
    maker = collector_class("sheet")
    options = maker.Options(kind="sheet", path=str(file.absolute()), profile=profile, encoding=encoding)
    source = Source(f"import:{profile}", options, maker, app.loaded.settings.policy, app.loaded.settings.tools.manage)
    collector = source.collector(app.loaded)
    return collector, source.feed(collector)


def profile(app: App, name: str) -> files.Profile:
    """How a sheet is read. Raises Misconfigured naming those there are."""
    known = profiles(app.loaded.settings)
    if name not in known:
        raise Misconfigured(f"There is no profile {name!r}.", next_step=f"There are: {', '.join(known)}.")
    return known[name]


def feeds(app: App) -> dict[str, Feed]:
    """Every source by name, and what was imported by today's profiles."""
    made = {source.name: source.feed(source.collector(app.loaded)) for source in app.named([])}
    imports = [importer(app, Path(), profile, None)[1] for profile in profiles(app.loaded.settings)]
    return made | {feed.name: feed for feed in imports}


def sender(app: App, name: str, ask: Ask) -> ActionSender:
    """Who acts on a source with the operator's own credential; `ask` tells the person what signing in needs. Raises Misconfigured."""
    options = app.actions.get(name)
    if options is None or name not in app.sources:
        raise Misconfigured(
            f"Nobody can act on {name} from here.", next_step=f"Fill in [actions.{name}] in {app.loaded.path}."
        )
    source = app.sources[name]
    made: ActionSender = _named(SENDERS[source.options.kind])(name, options, source.options, app.loaded, ask)
    return made


def reader(app: App, name: str) -> ActionReader | None:
    """Who follows orders on a source, with the collector's credential; None: the source is not in the settings any more."""
    source = app.sources.get(name)
    if source is None or source.options.kind not in READERS:
        return None
    made: ActionReader = _named(READERS[source.options.kind])(name, source.options, app.loaded)
    return made


def brake(app: App) -> Brake:
    """What stops this machine's remote actions."""
    return Brake(brake_file(app.loaded.path))


def brake_file(settings: Path) -> Path:
    """Beside the settings, so that it is found without reading them."""
    return settings.absolute().parent / "actions.frozen"


def desk(app: App) -> Desk:
    """Remote actions for the screen of whoever is at the keyboard."""
    reach = Reach(
        lambda name, ask: sender(app, name, ask),
        brake(app),
        lambda name: reader(app, name),
        limits(app).protected,
        write_certificate,
    )
    return Desk(app.sessions, app.actor, reach, now)


def write_certificate(told: Certificate, out: Path, t: Catalogue, trail: str) -> None:
    """Write a sanitisation record as text or sheet. Raises Refused where the file can't be written."""
    from exports import certificate  # loads the workbook writer

    certificate.write(told, __version__, out, t, trail)


def limits(app: App) -> Limits:
    """The limits as the settings have them; those in force stand in the register."""
    return Limits(**app.loaded.settings.action_limits.model_dump())


def settle(app: App, only: Collection[int] | None = None) -> list[Settled]:
    """Look at every remote action that is due to be looked at, or at these; sends nothing."""
    return settling.settle(app.sessions, app.actor(), lambda name: reader(app, name), now=now(), only=only)


def notify(app: App) -> tuple[DevregError, ...]:
    """Tell people what is to be told, by the ways of [notify]; why some did not take it. To be called when runs have ended."""
    from devreg.services import carriers  # mail and its encodings: only who collects needs them
    from devreg.services import notify as service

    reckon(app)
    ways = carriers.carriers(app.loaded.settings.notify, app.loaded.folder)
    names = (*app.sources, *map(report_key, app.loaded.settings.reports))
    return service.notify(app.sessions, ways, app.t, names, now, app.loaded.settings.tools.unmanaged_days)


def reckon(app: App) -> bool:
    """Bring what lists go by to today and to these settings; False where they go by others, and nobody here can change it."""
    from devreg.services import reckoning, tools, yardsticks  # who reads no list needs none of them

    settings, who, moment = app.loaded.settings, app.actor(), now()
    lists_by = (app.sessions, settings.calendar, settings.circulation, moment, settings.registry.timezone)
    if not who.may(Right.COLLECT):
        return yardsticks.are_followed(*lists_by) and tools.rules(app.sessions) == settings.tools.manage
    try:
        yardsticks.follow(*lists_by)
        tools.follow(app.sessions, settings.tools.manage)
        reckoning.reckon(app.sessions, who, moment)
    except DatabaseUnavailable:  # what can only be read can still be looked at
        return False
    return True


def now() -> datetime:
    """The clock everything uses outside tests."""
    return datetime.now(UTC)


def open_app(config: Path | None, *, need_schema: bool = True) -> App:
    """Settings read and checked, the database opened.

    Raises Misconfigured with every fault of the file, and DatabaseUnavailable when the register can't be used (unless
    `need_schema` is False: `db` and `check` look at it themselves).
    """
    loaded, faults = files.load(config_file.find(config))
    registry = loaded.settings.registry
    t = Catalogue(registry.language, registry.timezone)
    speak(t)
    faults.extend(_unknown_sources(loaded, faults))
    sources = _sources(loaded, faults)
    actions = _actions(loaded, sources, faults)
    if faults:
        raise files.refuse(loaded.path, faults)
    sessions = msgspec.structs.replace(connect(registry.database, loaded.folder), outside=_outside(loaded))
    if need_schema:
        migrate.demand_current(sessions)
    return App(loaded, sessions, t, sources, actions)


def _outside(loaded: Loaded) -> Outside:
    audit = loaded.settings.audit
    file = None if audit.file is None else loaded.folder / audit.file
    return Outside(file, tuple(loaded.folder / place for place in audit.anchors))


def _sources(loaded: Loaded, faults: list[Fault]) -> dict[str, Source]:
    # A source's own judgement looks at the tables it names; where those have faults it would blame the source for them.
    judging = not any(fault.key.startswith(("snmp.", "profiles.")) for fault in faults)
    made = [_source(name, raw, loaded, faults, judging=judging) for name, raw in loaded.settings.sources.items()]
    return {source.name: source for source in made if source is not None}


def _unknown_sources(loaded: Loaded, faults: Iterable[Fault]) -> list[Fault]:
    """What [provenance] names and nobody knows; nothing while the names of sources themselves have faults."""
    if not loaded.settings.provenance or any(fault.key.startswith("sources") for fault in faults):
        return []
    known = {*loaded.settings.sources, *REGISTRY, *(f"import:{name}" for name in profiles(loaded.settings))}
    found = []
    for field, options in loaded.settings.provenance.items():
        said = {"sources": options.sources, "write_if_empty": options.write_if_empty, "locked": (options.locked,)}
        for key, names in said.items():
            for name in names:
                if name is not None and name not in known:
                    near = files.nearest(name, sorted(known))
                    problem = f"{name!r} is no source and no kind of source" + (
                        f"; did you mean {near}?" if near else ""
                    )
                    found.append(Fault(f"provenance.{field}.{key}", problem))
    return found


def _actions(loaded: Loaded, sources: dict[str, Source], faults: list[Fault]) -> dict[str, ActionOptions]:
    told = [fault.key for fault in faults]
    made = {}
    for name, raw in loaded.settings.actions.items():
        key, source = f"actions.{name}", sources.get(name)
        if source is None:
            if not any(other == "sources" or f"{other}.".startswith(f"sources.{name}.") for other in told):
                near = files.nearest(name, loaded.settings.sources)
                faults.append(
                    Fault(key, "there is no source of that name" + (f"; did you mean {near}?" if near else ""))
                )
        elif source.options.kind not in ACTING:
            faults.append(Fault(key, f"{name} is a source of kind {source.options.kind}, which nobody can act on"))
        elif (options := files.validate(ACTING[source.options.kind], raw, key, faults)) is not None:
            faults.extend(Fault(f"{key}.{of}", why) for of, why in shared(options, source.options, loaded.folder))
            made[name] = options
    return made


def _source(name: str, raw: dict[str, Any], loaded: Loaded, faults: list[Fault], *, judging: bool) -> Source | None:
    key, kind = f"sources.{name}", raw.get("kind")
    if kind not in REGISTRY:
        problem = "is missing" if kind is None else f"{kind!r} is no kind of source"
        faults.append(Fault(f"{key}.kind", f"{problem}; there are {', '.join(REGISTRY)}"))
        return None
    maker = collector_class(str(kind))
    options = files.validate(maker.Options, raw, key, faults)
    if options is None:
        return None
    judged = maker.faults(options, loaded) if judging and hasattr(maker, "faults") else ()
    faults.extend(Fault(f"{key}.{where}" if where else key, problem) for where, problem in judged)
    return Source(name, options, maker, loaded.settings.policy, loaded.settings.tools.manage)


def collector_class(kind: str) -> Any:
    """The collector class of a kind of source, imported only now."""
    return _named(REGISTRY[kind])


def _named(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name)
