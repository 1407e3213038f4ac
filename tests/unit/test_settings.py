"""devreg.toml: all faults together, secrets only by reference."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from devreg import config_file, settings, wiring
from devreg.errors import Misconfigured
from devreg.sample import sample_toml
from devreg.secret import SecretRef

GOOD = """
[sources.intune]
kind = "intune"
tenant_id = "00000000-0000-0000-0000-000000000001"
client_id = "00000000-0000-0000-0000-000000000002"
client_secret = { file = "intune.secret" }
"""


def faults(folder: Path, text: str) -> list[str]:
    """Every fault of a file, as it is reported."""
    path = folder / "devreg.toml"
    path.write_text(text, encoding="utf-8")
    try:
        wiring.open_app(path, need_schema=False)
    except Misconfigured as error:
        head, *lines = error.what.splitlines()
        return [line.strip() for line in lines] if str(path) in head else [head]
    return []


def test_a_sound_file_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []


def test_the_sample_works_as_it_stands(tmp_path: Path) -> None:
    assert faults(tmp_path, sample_toml()) == []


def test_all_faults_of_a_file_are_reported_together(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        [registry]
        languag = "fi"
        timezone = "Europe/Hellsinki"
        [equality]
        seen_within_days = 0
        [sources.intune]
        kind = "intune"
        tenant = "x"
        client_id = "00000000-0000-0000-0000-000000000002"
        client_secret = "hunter2"
        every = "soon"
        [sources.what]
        kind = "jamf"
        [sources.none]
        [sources.network]
        kind = "snmp"
        [[sources.network.units]]
        subnet = "10.20.0.0/99"
        unit = "it"
        [[sources.network.units]]
        name = "sw-*"
        [snmp.main]
        version = "3"
        [telemetry]
        [provenance.rom]
        sources = ["intune"]
        [provenance.room]
        sources = ["intun", "what", "sheet"]
        write_if_emty = ["network"]
        [provenance.unit]
        write_if_empty = ["by hand"]
        locked = "networks"
        """,
    )
    for wanted in (
        "registry.languag: unknown key; did you mean language?",
        "registry.timezone: a time zone such as Europe/Helsinki",
        "equality.seen_within_days: ",
        "sources.intune.tenant: unknown key; did you mean tenant_id?",
        "sources.intune.tenant_id: is missing",
        "sources.intune.client_secret: a secret never stands in the file",
        'sources.intune.every: a time span such as "30m", "6h" or "1d"',
        "sources.what.kind: 'jamf' is no kind of source; there are google, intune, sheet, snmp",
        "sources.none.kind: is missing",
        "sources.network.units.0.subnet: a network such as 10.20.0.0/24",
        "sources.network.units.1: a rule needs one of unit, use, stage",
        'snmp.main: version "3" needs user, auth and priv',
        "telemetry: unknown key",
        "provenance.rom: no field of a device, and no group of fields; did you mean room?",
        "provenance.room.write_if_emty: unknown key; did you mean write_if_empty?",
    ):
        assert any(line.startswith(wanted) for line in found), (wanted, found)
    assert not any("hunter2" in line for line in found)


def test_provenance_names_sources_and_kinds_that_there_are(tmp_path: Path) -> None:
    said = """
        [provenance.room]
        sources = ["intun", "intune", "sheet"]
        [provenance.custody]
        write_if_empty = ["by hand"]
        locked = "googel"
        """
    assert faults(tmp_path, GOOD + said) == [
        "provenance.room.sources: 'intun' is no source and no kind of source; did you mean intune?",
        "provenance.custody.write_if_empty: 'by hand' is no source and no kind of source",
        "provenance.custody.locked: 'googel' is no source and no kind of source; did you mean google?",
    ]


def test_a_fault_in_one_table_is_not_blamed_on_those_that_name_it(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        [sources.leases]
        kind = "sheet"
        path = "leases.xlsx"
        profile = "leases"
        [profiles.leases]
        match = ["serial"]
        header = 1
        columns = { "Sarjanumero" = "serial" }
        [sources.network]
        kind = "snmp"
        [[sources.network.ranges]]
        targets = ["10.20.0.0/24"]
        credentials = ["main"]
        [snmp.main]
        version = "2c"
        """,
    )
    assert sorted(line.split(":")[0] for line in found) == ["profiles.leases.header", "snmp.main"]


def test_a_source_that_is_no_table_hides_no_fault_of_another(tmp_path: Path) -> None:
    found = faults(tmp_path, "sources = { odd = 3, leases = { kind = 'sheet' } }")
    assert {line.split(":")[0] for line in found} >= {"sources.odd", "sources.leases.path"}


@pytest.mark.parametrize(
    "bad", ["", "0m", "5", "m", "-1h", "1.5h", "6 h", "²h", "99999999999999d", "1w", 30, True, [], {}]
)
def test_a_time_span_that_is_none_is_told(tmp_path: Path, bad: object) -> None:

    (line,) = faults(tmp_path, GOOD + f"every = {json.dumps(bad) if not isinstance(bad, dict) else '{ x = 1 }'}\n")[:1]
    assert line.startswith("sources.intune.every")


@pytest.mark.parametrize(("text", "span"), [("30s", 30), ("5m", 300), ("6h", 21_600), ("1d", 86_400)])
def test_a_time_span_is_a_number_and_a_letter(text: str, span: int) -> None:
    assert settings.SourceOptions.model_validate({"kind": "x", "every": text}).every == timedelta(seconds=span)


@pytest.mark.parametrize("name", ["by hand", "a/b", "../x", "", "x" * 41, "-x", "a\\\\b", "a\\nb"])
def test_a_source_has_a_name_that_can_stand_in_a_list_and_in_a_file_name(tmp_path: Path, name: str) -> None:
    found = faults(tmp_path, GOOD.replace("[sources.intune]", f'[sources."{name}"]'))
    assert any("a source's name is letters" in line for line in found)


@pytest.mark.parametrize("name", ["intune", "chrome-city", "Verkko_2.b", "leasing-äö"])
def test_a_source_may_be_called_so(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path, GOOD.replace("[sources.intune]", f'[sources."{name}"]')) == []


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://u:hunter2@localhost/d",
        "postgresql://localhost/d?user=u&password=hunter2",
        "postgresql://u:hun:ter2@localhost/d",
    ],
)
def test_a_password_never_stands_in_the_database_address(tmp_path: Path, address: str) -> None:
    (line,) = faults(tmp_path, f'[registry]\ndatabase = "{address}"\n')
    assert line.startswith("registry.database: a password never stands in the file")
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "url",
    ["http://graph.microsoft.com", "ftp://x", "graph.microsoft.com", "http://127.0.0.1:80@evil.example/", "https://u:p@x.example", "https://",
     "http://127.0.0.1.evil.example:80", "http://localhost.evil.example"],
)  # fmt: skip
def test_an_address_that_leaves_this_machine_is_https(tmp_path: Path, url: str) -> None:
    found = faults(tmp_path, GOOD + f'graph_url = "{url}"\n')
    assert any(line.startswith("sources.intune.graph_url: an https:// address") for line in found)


@pytest.mark.parametrize(
    "text", ["[registry", 'x = "\udcff"'.encode("utf-8", "surrogateescape"), b"\xff\xfe\x00", "a = 1\na = 2"]
)
def test_a_file_that_is_not_toml_is_told_with_its_name(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "devreg.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misconfigured, match="devreg.toml"):
        settings.load(path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "devreg.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert settings.load(path)[1] == []


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No settings file") as caught:
        settings.load(tmp_path / "none.toml")
    assert "devreg init" in caught.value.next_step


def test_a_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="can't be read"):
        settings.load(tmp_path)


def test_the_settings_are_looked_for_in_a_fixed_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    (home / "devreg").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.delenv("DEVREG_CONFIG", raising=False)
    assert config_file.find(None) == Path("devreg.toml")
    (home / "devreg" / "devreg.toml").write_text("")
    assert config_file.find(None) == home / "devreg" / "devreg.toml"
    (here / "devreg.toml").write_text("")
    assert config_file.find(None) == Path("devreg.toml")
    monkeypatch.setenv("DEVREG_CONFIG", "/elsewhere.toml")
    assert config_file.find(None) == Path("/elsewhere.toml")
    assert config_file.find(Path("given.toml")) == Path("given.toml")


def ref(**place: str) -> SecretRef:
    return SecretRef.model_validate(place)


def secret_file(folder: Path, mode: int, content: bytes = b"hunter2\n") -> Path:
    path = folder / "x.secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_secret_file_of_ours_alone_is_read_without_its_line_break(tmp_path: Path, mode: int) -> None:
    secret_file(tmp_path, mode)
    assert ref(file="x.secret").read(tmp_path) == "hunter2"
    assert ref(file="x.secret").read_bytes(tmp_path) == b"hunter2\n"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666, 0o610, 0o601])
def test_a_secret_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    secret_file(tmp_path, mode)
    for read in (ref(file="x.secret").read, ref(file="x.secret").read_bytes):
        with pytest.raises(Misconfigured, match="can be read by others") as caught:
            read(tmp_path)
        assert "chmod 600" in caught.value.next_step
        assert "hunter2" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_secret_file_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(secret_file(tmp_path, 0o600), 12_345, 12_345)
    with pytest.raises(Misconfigured, match="belongs to another user"):
        ref(file="x.secret").read(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe\x00h", "is not text")]
)
def test_a_secret_file_without_a_secret_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    secret_file(tmp_path, 0o600, content)
    with pytest.raises(Misconfigured, match=why):
        ref(file="x.secret").read(tmp_path)


def test_a_secret_file_that_is_not_there_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"x\.secret can't be read: No such file"):
        ref(file="x.secret").read(tmp_path)


def test_a_credential_is_read_from_systemds_folder_also_with_its_access_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret_file(tmp_path, 0o440)
    assert ref(credential="x.secret").read(Path("/nowhere")) == "hunter2"
    secret_file(tmp_path, 0o444)
    with pytest.raises(Misconfigured, match="can be read by others"):
        ref(credential="x.secret").read(Path("/nowhere"))


def test_an_environment_variable_holds_a_secret_or_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVREG_TEST_SECRET", "hunter2")
    assert ref(env="DEVREG_TEST_SECRET").read(tmp_path) == "hunter2"
    for gone in (
        lambda: monkeypatch.setenv("DEVREG_TEST_SECRET", ""),
        lambda: monkeypatch.delenv("DEVREG_TEST_SECRET"),
    ):
        gone()
        with pytest.raises(Misconfigured, match="env DEVREG_TEST_SECRET is not there"):
            ref(env="DEVREG_TEST_SECRET").read(tmp_path)


@pytest.mark.parametrize("raw", [{}, {"env": "A", "file": "b"}, {"vault": "x"}, "hunter2", 7])
def test_a_reference_names_exactly_one_place(raw: object) -> None:
    with pytest.raises(ValueError) as caught:
        SecretRef.model_validate(raw)
    assert "never stands in the file" in str(caught.value) or not isinstance(raw, str)


def test_a_reference_shows_the_place_and_never_the_secret(tmp_path: Path) -> None:
    secret_file(tmp_path, 0o600)
    reference = ref(file="x.secret")
    reference.read(tmp_path)
    assert str(reference) == "file x.secret"
    assert "hunter2" not in repr(reference)
