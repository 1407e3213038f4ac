"""`devreg check` as people and as monitoring run it."""

import sys

import pytest
from cli_rig import SHEET, Cli
from mail_rig import Box, free_port, mail_server

COMMUNITY = """
[sources.network]
kind = "snmp"
[[sources.network.ranges]]
targets = ["127.0.0.1:9"]
credentials = ["legacy"]
[snmp.legacy]
version = "2c"
community = { env = "SNMP_COMMUNITY" }
"""


def found(cli: Cli, *args: str, env: dict[str, str] | None = None) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Exit code, and about what -> severity and text."""
    done = cli("check", "--format", "json", *args, env=env)
    by: dict[str, list[tuple[str, str]]] = {}
    for line in done.json():
        by.setdefault(line["about"], []).append((line["severity"], line["what"]))
    return done.code, by


def test_a_source_that_fails_makes_check_fail_until_it_works_again(register: Cli) -> None:
    register.settings(SHEET)
    register.sheet("S0001;pc;kannettava;1;")
    assert register("collect").code == 0
    code, by = found(register)
    assert code == 0
    assert by["papers"][-1][0] == "ok"
    (register.folder / "papers.csv").rename(register.folder / "away.csv")
    assert register("collect").code == 1
    (register.folder / "away.csv").rename(register.folder / "papers.csv")
    code, by = found(register)  # it could be read now, but its last run is what counts
    assert code == 1
    assert any(severity == "fault" and "there is no file" in what for severity, what in by["papers"])
    assert register("collect").code == 0
    assert found(register)[0] == 0


def test_a_community_that_everybody_knows_and_one_in_the_environment_are_told(register: Cli) -> None:
    register.settings(COMMUNITY)
    code, by = found(register, env={"SNMP_COMMUNITY": "Private"})
    assert code == 1  # nobody answers there
    assert any("everybody tries first" in what for _, what in by["network"])
    assert "Private" not in str(by)
    assert any("SNMPv2c" in what for _, what in found(register, env={"SNMP_COMMUNITY": "vaikea-arvata"})[1]["network"])
    told = (
        "the secret snmp.legacy.community is in the environment variable SNMP_COMMUNITY, which every child process gets"
    )
    assert ("advice", told) in by["devreg"]


def test_a_trial_message_goes_by_mail_and_by_command(register: Cli) -> None:
    box = Box(free_port())
    program = f"[{sys.executable!r}, '-c', \"import sys; open('told.json', 'w').write(sys.stdin.read())\"]"
    register.settings(
        f'[notify]\ncommand = {program}\n[notify.mail]\nhost = "localhost"\nport = {box.port}\nsecurity = "none"\n'
        'sender = "devreg@city.example"\nto = ["it@city.example"]\n'
    )
    code, by = found(register, "--notify")
    assert code == 1
    assert ("ok", "a trial message went by command") in by["devreg"]
    assert '"trial":true' in (register.folder / "told.json").read_text()
    assert any(severity == "fault" and "a trial message by mail" in what for severity, what in by["devreg"])
    with mail_server(None, box):
        code, by = found(register, "--notify")
    assert code == 0
    assert ("ok", "a trial message went by mail") in by["devreg"]
    assert [mail["Subject"] for mail in box.mails] == ["devreg: a trial message"]


def test_a_run_that_fails_is_told_by_the_time_collect_ends(register: Cli) -> None:
    box = Box(free_port())
    mail = (
        f'[notify.mail]\nhost = "localhost"\nport = {box.port}\nsecurity = "none"\nsender = "devreg@city.example"\n'
        'to = ["it@city.example"]\n'
    )
    register.settings(SHEET, mail)
    (register.folder / "papers.csv").unlink(missing_ok=True)
    done = register("collect")  # there is no sheet, and no mail server either
    assert done.code == 1
    assert "can't be reached" in done.err
    with mail_server(None, box):
        code, by = found(register)
        assert any("1 notices wait, tried by mail 1 times" in what for _, what in by["devreg"])
    assert (code, box.mails) == (1, [])


@pytest.mark.parametrize(("language", "word"), [("fi", "luettu viimeksi kokonaan"), ("sv", "senast läst i sin helhet")])
def test_what_is_found_is_said_in_the_register_s_language(register: Cli, language: str, word: str) -> None:
    register.settings(SHEET)
    register.sheet("S0001;pc;kannettava;1;")
    register("collect")
    register.config.write_text(register.config.read_text().replace('"en"', f'"{language}"'), encoding="utf-8")
    out = register("check").out
    assert word in out
    assert "notices" not in out
    assert "journal mode is" not in out


def test_a_device_made_critical_by_a_rule_fails_the_check_until_a_contract_supports_it(register: Cli) -> None:
    ruled = SHEET.replace('every = "1d"', 'every = "1d"\ncritical = [{ name = "ääkk*" }]')
    assert register("collect").code == 0
    assert register("check").code == 0
    register.settings(ruled)
    assert register("collect").code == 0, "the same rows, read by another rule"
    assert [line["device_id"] for line in register("list", "coverage", "--format", "json").json()] == ["D000001"]
    failed = register("check")
    assert failed.code == 1
    assert "critical devices without a valid support contract: 1 of 1" in failed.out
    today = register("list", "coverage", "--format", "json").json()[0]
    assert today["gap"] is not None
    for words in (
        ("add", "kind=support", "number=T-1", "start=2026-01-01", "end=2099-12-31"),
        ("attach", "T-1", "D000001"),
    ):
        assert register("contract", *words).code == 0
    assert register("check").code == 0
    register.settings(SHEET)
    assert register("collect").code == 0
    assert register("list", "coverage", "--format", "json").json() == []


def test_a_rule_that_asks_nothing_is_refused_with_what_it_may_ask(register: Cli) -> None:
    register.settings(SHEET.replace('every = "1d"', "critical = [{}]"))
    done = register("check")
    assert done.code == 2
    assert "a rule needs one of name, kind, unit" in done.err
