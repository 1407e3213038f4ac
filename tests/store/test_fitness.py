"""Devices counted in the database are those that the pure rule counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import later, page, row, run
from sqlalchemy import delete, insert

from devreg.circulating import Calendar, Circulation
from devreg.domain.calendar import days_off, idle_days
from devreg.domain.device import Battery, Kind, Stage, State, Use
from devreg.domain.equality import DeviceCount, Gates, Rules
from devreg.domain.equality_counts import DeviceFact, count_devices
from devreg.domain.equality_quality import Memory, Part, Quality
from devreg.domain.observation import Subject
from devreg.domain.windows_support import VERSIONS, Edition
from devreg.services import yardsticks
from devreg.store import fitness, schema
from devreg.store.engine import Sessions, connect

DAY = date(2026, 11, 25)
UNITS = {"fi": "fi", "sv": "sv", "none": None}
OFF = days_off(Calendar().rules, (), range(2024, 2029))
ODD = Rules(
    gates=Gates(30, (State.IN_USE,), Edition.PRO, date(2027, 10, 12)),
    quality=Quality(
        weights={Part.AGE: 0.7, Part.SUPPORT: 0.0, Part.CONDITION: 0.3},
        memory={Kind.TABLET: Memory(4, 0.1, 32)},
        life_years={Kind.PHONE: 3},
        condition={"ok": 1.0},
        year_ends=(5, 31),
    ),
)

builds = st.sampled_from([version.build for version in VERSIONS])
versions = builds.flatmap(lambda build: st.sampled_from([f"10.0.{build}", f"10.0.{build}.77", f"10.0.{build}7", build]))
near = st.dates(DAY - timedelta(days=3_000), DAY + timedelta(days=1_500))
said: dict[str, st.SearchStrategy[Any]] = {
    "unit": st.sampled_from([None, *UNITS, "gone"]),
    "stage": st.sampled_from([None, *Stage, "night school"]),
    "use": st.sampled_from([None, *Use, "art"]),
    "kind": st.sampled_from([None, *Kind, "toaster"]),
    "state": st.sampled_from([None, *State, "borrowed"]),
    "managed_by": st.sampled_from([None, "intune"]),
    "support_end": st.none()
    | near
    | st.sampled_from([DAY, DAY - timedelta(days=1), date(2027, 11, 25), date(2028, 7, 31)]),
    "purchase_date": st.none() | near,
    "ram_bytes": st.none() | st.sampled_from([7_199_999_999, 7_200_000_000, 4 << 30, 8 << 30]),
    "storage_bytes": st.none() | st.sampled_from([64_000_000_000, 89_999_999_999, 90_000_000_000]),
    "battery": st.sampled_from([None, *Battery, "fine"]),
    "condition": st.sampled_from([None, "A", "B", "C", "ok", "a"]),
    "os": st.sampled_from([None, "Windows", "Windows 11", "Windows Server", "windows", "ChromeOS"]),
    "os_version": st.none() | versions,
    "last_seen": st.none() | st.datetimes(datetime(2026, 5, 1), datetime(2026, 11, 26), timezones=st.just(UTC)),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, make_register: Any) -> Sessions:
    """Units of both languages, and days off."""
    folder = tmp_path_factory.mktemp("fitness")
    sessions = connect(make_register(request.param, folder), folder)
    places = [
        row(key, Subject.UNIT, id=key, kind="school", **({"language": said} if said else {}))
        for key, said in UNITS.items()
    ]
    run(sessions, page(*places, row("d", serial="SER00001")))
    yardsticks.follow(sessions, Calendar(public_holidays=False), Circulation(), later(0))
    return sessions


def silent_days(device: dict[str, Any]) -> int | None:
    """Days without contact as the calendar counts them where the device is."""
    seen = device["last_seen"]
    if seen is None:
        return None
    language = UNITS.get(device["unit"]) if device["unit"] in UNITS else None
    is_school = device["unit"] in UNITS or device["use"] == Use.PUPIL
    follows = "public" if not is_school else f"school_{language}" if language else "school"
    return idle_days(seen.date(), DAY, OFF[follows])  # type: ignore[index]  # its words are the enum's


def known(value: Any, members: Any) -> Any:
    return members(value) if value in set(members) else None


def fact(device: dict[str, Any]) -> DeviceFact:
    return DeviceFact(
        unit=device["unit"], stage=known(device["stage"], Stage), use=known(device["use"], Use), kind=known(device["kind"], Kind),
        state=known(device["state"], State), managed=device["managed_by"] is not None, silent_days=silent_days(device),
        battery=known(device["battery"], Battery),
        **{name: device[name] for name in ("support_end", "purchase_date", "ram_bytes", "storage_bytes", "condition", "os", "os_version")},
    )  # fmt: skip


def by_place(counts: Any) -> dict[Any, DeviceCount]:
    return {(count.unit, count.stage, count.use): count for count in counts}


def figures(count: DeviceCount) -> dict[str, float]:
    tally = count.tally
    told = {
        f"{name}.{key}": n for name in ("sums", "known", "levels", "ages") for key, n in getattr(tally, name).items()
    }
    told |= {f"not {reason}": float(n) for reason, n in count.not_fit.items()}
    return {key: n for key, n in {**told, "fit": count.fit, "uncertain": count.uncertain}.items() if n}


@given(
    devices=st.lists(st.fixed_dictionaries(said), min_size=1, max_size=40),
    rules=st.sampled_from([Rules(), ODD]),
)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_counts_what_the_rule_counts(
    school: Sessions, devices: list[dict[str, Any]], rules: Rules
) -> None:
    with school.write.begin() as session:
        kept = {column.name: None for column in schema.device.columns}
        (one,) = [
            dict(found._mapping) for found in session.execute(schema.device.select().where(schema.device.c.id == 1))
        ]
        table = schema.device
        session.execute(delete(table).where(table.c.id > 1))
        session.execute(table.update().values(state=State.RETIRED))
        rows = [{**kept, **one, **device, "id": n} for n, device in enumerate(devices, 2)]
        session.execute(insert(table), rows)
        counted = by_place(fitness.counts(session, rules, DAY))
        session.rollback()
    wanted = by_place(count_devices(map(fact, devices), rules, DAY))
    assert counted.keys() == wanted.keys()
    for key, count in wanted.items():
        assert figures(counted[key]) == pytest.approx(figures(count), abs=1e-9), key


def test_every_end_of_support_falls_on_the_day_of_the_month_s_updates() -> None:
    """The second Tuesday; Windows 11 of 2021 ended so too. The build names a version once."""
    for version in VERSIONS:
        for end in (version.education, version.pro):
            assert (end.weekday(), (end.day - 1) // 7) == (1, 1), version
    assert len({version.build for version in VERSIONS}) == len(VERSIONS)
