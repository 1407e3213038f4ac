"""Whether people could act from afar, as `devreg check` tells it."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import msgspec
from operator_rig import opened
from register_rig import NOON, actor

from devreg.domain.rights import Role
from devreg.ports import Outside, Severity
from devreg.services import operating, readiness
from devreg.settings import Operator
from devreg.store.engine import Sessions

_NUMBERS = count(1)
KNOWN = Operator(role=Role.TECHNICIAN, entra="anna@city.example")
NAMELESS = Operator(role=Role.APPROVER)
LOOKING = Operator(role=Role.VIEWER)


def told(sessions: Sessions, said: dict[str, Operator] | None, *, in_person: bool = True) -> list[tuple[Severity, str]]:
    kept = msgspec.structs.replace(sessions, outside=Outside(Path("audit.jsonl")))
    return [(found.severity, found.what) for found in readiness.findings(kept, said, by_own_sign_in=in_person)]


def test_a_file_register_asks_its_settings_for_everybodys_name_in_entra(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    with opened(fresh_register("sqlite"), tmp_path) as sessions:
        for nobody in (None, {}, {"matti": NAMELESS, "ville": LOOKING}):
            ((severity, what),) = told(sessions, nobody)
            assert (severity, "nobody's sign-in name" in what) == (Severity.FAULT, True)
        ((severity, what),) = told(sessions, {"anna": KNOWN, "matti": NAMELESS, "ville": LOOKING})
        assert (severity, what.endswith("act from afar: matti")) == (Severity.ADVICE, True)
        ((severity, what),) = told(sessions, {"anna": KNOWN, "ville": LOOKING})
        assert (severity, what) == (
            Severity.OK,
            "everybody who may act from afar is known by their name in Entra (1)",
        )
        assert told(sessions, None, in_person=False) == []


def test_on_postgresql_the_databases_own_users_are_asked(fresh_register: Callable[[str], str], tmp_path: Path) -> None:
    number = next(_NUMBERS)
    anna, matti = f"ready-anna-{number}", f"ready-matti-{number}"
    with opened(fresh_register("postgresql"), tmp_path) as sessions:
        assert told(sessions, {"anna": KNOWN})[0][0] is Severity.FAULT
        operating.add(sessions, actor(), anna, Role.APPROVER, "anna@city.example", NOON)
        operating.add(sessions, actor(), matti, Role.TECHNICIAN, None, NOON)
        ((severity, what),) = told(sessions, None)
        assert (severity, what.endswith(f"act from afar: {matti}")) == (Severity.ADVICE, True)


def test_without_a_second_place_for_the_audit_trail_it_is_said_that_nothing_can_be_wiped(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    with opened(fresh_register("sqlite"), tmp_path) as sessions:
        (found,) = readiness.findings(sessions, None, by_own_sign_in=False)
    assert (found.severity, "nothing can be wiped" in found.what) == (Severity.ADVICE, True)
