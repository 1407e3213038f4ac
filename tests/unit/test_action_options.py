"""[actions.<source>] and [action_limits]: who acts is not who reads, and no limit can be set so that it is none."""

from pathlib import Path

import pytest

from devreg import wiring
from devreg.action_options import ActionLimits, GoogleActions, IntuneActions
from devreg.errors import Misconfigured

SOURCES = """
[sources.intune]
kind = "intune"
tenant_id = "00000000-0000-0000-0000-000000000001"
client_id = "00000000-0000-0000-0000-000000000002"
client_secret = { file = "intune.secret" }
[sources.chrome-city]
kind = "google"
customer_id = "C0city001"
subject = "registry@school.example"
key = { file = "chrome-city.json" }
[sources.leases]
kind = "sheet"
path = "leases.xlsx"
profile = "leases"
[profiles.leases]
match = ["serial"]
columns = { "Sarjanumero" = "serial" }
"""
ACTIONS = """
[actions.intune]
client_id = "00000000-0000-0000-0000-000000000003"
[actions.chrome-city]
key = { file = "chrome-city-manage.json" }
subject = "device-admin@school.example"
"""


def opened(folder: Path, text: str) -> wiring.App:
    (folder / "devreg.toml").write_text(text, encoding="utf-8")
    app = wiring.open_app(folder / "devreg.toml", need_schema=False)
    app.sessions.close()
    return app


def faults(folder: Path, text: str) -> list[str]:
    """Every fault of a file, as it is reported."""
    with pytest.raises(Misconfigured) as caught:
        opened(folder, text)
    return [line.strip() for line in caught.value.what.splitlines()[1:]]


def test_each_kind_of_source_has_its_own_way_of_acting(tmp_path: Path) -> None:
    actions = opened(tmp_path, SOURCES + ACTIONS).actions
    intune, google = actions["intune"], actions["chrome-city"]
    assert isinstance(intune, IntuneActions)
    assert (intune.device_code, intune.redirect_port) == (False, 8400)
    assert isinstance(google, GoogleActions)
    assert (str(google.key), google.subject) == ("file chrome-city-manage.json", "device-admin@school.example")


def test_without_the_table_nobody_can_act(tmp_path: Path) -> None:
    assert opened(tmp_path, SOURCES).actions == {}


def test_all_faults_of_what_acts_are_told_at_once_with_their_keys(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        SOURCES
        + """
        [actions.intun]
        client_id = "00000000-0000-0000-0000-000000000003"
        [actions.leases]
        client_id = "00000000-0000-0000-0000-000000000003"
        [actions.intune]
        client_secret = { file = "x" }
        device_cod = true
        redirect_port = 80
        [actions.chrome-city]
        key = "hunter2"
        subject = "nobody"
        [action_limits]
        daily_per_operator = 0
        hold_count = 0
        hold_minutes = 0
        approval_hours = 73
        protected = [" "]
        protecte = []
        """,
    )
    for wanted in (
        "actions.intun: there is no source of that name; did you mean intune?",
        "actions.leases: leases is a source of kind sheet, which nobody can act on",
        "actions.intune.client_id: is missing",
        "actions.intune.client_secret: unknown key",
        "actions.intune.device_cod: unknown key; did you mean device_code?",
        "actions.intune.redirect_port: ",
        "actions.chrome-city.key: a secret never stands in the file",
        "actions.chrome-city.subject: ",
        "action_limits.daily_per_operator: ",
        "action_limits.hold_count: ",
        "action_limits.hold_minutes: ",
        "action_limits.approval_hours: less than or equal to 72",
        "action_limits.protected.0: an asset tag, a serial number, a kind of device or the id of a unit",
        "action_limits.protecte: unknown key; did you mean protected?",
    ):
        assert any(line.startswith(wanted) for line in found), (wanted, found)
    assert len(found) == 14
    assert not any("hunter2" in line for line in found)


@pytest.mark.parametrize("same", ["chrome-city.json", "./chrome-city.json", "../{folder}/chrome-city.json"])
def test_the_managing_key_is_not_the_reading_one(tmp_path: Path, same: str) -> None:
    text = SOURCES + ACTIONS.replace("chrome-city-manage.json", same.format(folder=tmp_path.name))
    assert faults(tmp_path, text) == [
        "actions.chrome-city.key: must not be that of the source: what reads devices must not be able to wipe them"
    ]


def test_the_managing_key_is_not_the_reading_one_in_the_keyring_either(tmp_path: Path) -> None:
    ring = '{ keyring = "chrome" }'
    text = SOURCES.replace('{ file = "chrome-city.json" }', ring) + ACTIONS.replace(
        '{ file = "chrome-city-manage.json" }', ring
    )
    assert [line.split(":")[0] for line in faults(tmp_path, text)] == ["actions.chrome-city.key"]


def test_the_acting_app_is_not_the_reading_one(tmp_path: Path) -> None:
    text = SOURCES + ACTIONS.replace("-000000000003", "-000000000002")
    assert [line.split(":")[0] for line in faults(tmp_path, text)] == ["actions.intune.client_id"]


def test_a_fault_of_a_source_is_not_blamed_on_what_acts_on_it(tmp_path: Path) -> None:
    broken = SOURCES.replace('tenant_id = "00000000-0000-0000-0000-000000000001"', "")
    assert faults(tmp_path, broken + ACTIONS) == ["sources.intune.tenant_id: is missing"]


def test_an_approval_that_ends_before_the_delay_does_is_refused(tmp_path: Path) -> None:
    found = faults(tmp_path, "[action_limits]\ndelay_minutes = 60\napproval_hours = 1\n")
    assert found == ["action_limits: delay_minutes must be shorter than approval_hours, or nothing could ever be sent"]


def test_the_limits_hold_where_nobody_set_them(tmp_path: Path) -> None:
    limits = opened(tmp_path, SOURCES).loaded.settings.action_limits
    assert limits == ActionLimits(
        daily_per_operator=3, hold_count=5, hold_minutes=20, delay_minutes=15, approval_hours=24, protected=()
    )
