"""Contracts, steps of life, tools and the circulation reports from the command line: what is printed, and what to do when it is refused."""

import pytest
from cli_rig import SHEET, Cli
from openpyxl import load_workbook


@pytest.fixture
def leased(register: Cli) -> Cli:
    assert register("collect").code == 0
    terms = (
        "kind=lease",
        "number=L-1",
        "supplier=Leasing Oy",
        "start=2026-01-01",
        "end=2099-12-31",
        "monthly_fee=18,45",
    )
    assert register("contract", "add", *terms).lines == ["C000001"]
    assert register("contract", "attach", "L-1", "PF3KX9AB", "PF3KX9AD").code == 0
    return register


def speak(cli: Cli, language: str) -> None:
    text = cli.config.read_text(encoding="utf-8")
    cli.config.write_text(text.replace('language = "en"', f'language = "{language}"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "changed", "decided"),
    [
        ("en", "Contract supplier: Leasing Oy → Äyri Leasing", "decided about 2 devices"),
        ("fi", "Sopimuskumppani: Leasing Oy → Äyri Leasing", "päätetty 2 laitteesta"),
        ("sv", "Avtalspart: Leasing Oy → Äyri Leasing", "beslut om 2 enheter"),
    ],
)
def test_a_lease_is_changed_decided_and_shown_in_the_readers_language(
    leased: Cli, language: str, changed: str, decided: str
) -> None:
    speak(leased, language)
    assert leased("contract", "change", "L-1", "supplier=Äyri Leasing", "--reason", "new owner").lines == [changed]
    assert leased("contract", "decide", "L-1", "extend", "--months", "12").lines == [decided]
    shown = leased("contract", "show", "C000001")
    assert shown.code == 0
    assert "Äyri Leasing" in shown.out
    assert ("€18.45" if language == "en" else "18,45") in shown.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "number=L-2"), 2, "Say kind=, one of lease,"),
        (("add", "kind=lease", "number=L-2", "colour=red"), 2, "There is no field 'colour'."),
        (("decide", "L-1", "burn"), 2, "There are: return, extend, buy-out, none."),
        (("show", "L-9"), 1, "L-9"),
        (("attach", "L-1", "NOBODY"), 1, "No device answers to 'NOBODY'."),
        (("document", "L-1", "papers/1.pdf"), 2, "Say what it is: --title TEXT."),
        (("end", "L-1", "--on", "some day", "--reason", "x"), 2, "end:"),
    ],
)
def test_a_wrong_word_about_a_contract_says_what_to_do_and_changes_nothing(
    leased: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    before = leased("contract", "show", "L-1").out
    done = leased("contract", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert leased("contract", "show", "L-1").out == before


def test_a_device_goes_from_state_to_state_and_a_step_says_what_it_lacks(leased: Cli) -> None:
    steps = leased("transition", "PF3KX9AB").lines
    assert steps[0].startswith("D000001: ")
    assert any(line.split()[0] == "lost" for line in steps[1:])
    moved = leased("transition", "PF3KX9AB", "lost", "--reason", "left on a bus")
    assert (moved.code, moved.lines[0].startswith("D000001: ")) == (0, True)
    assert "→ lost (report as lost)" in moved.lines[0]
    (device,) = leased("list", "devices", "--where", "id=D000001", "--format", "json").json()
    assert device["state"] == "lost"
    lost = leased("transition", "PF3KX9AB", "gone", "--reason", "x")
    assert (lost.code, lost.out) == (2, "")
    assert "There are: planned, ordered, in_stock" in lost.err
    without = leased("transition", "PF3KX9AC", "lost")
    assert (without.code != 0, without.out) == (True, "")
    assert "--reason" in without.err


def test_tools_prints_the_citys_rules_before_the_programs_own_and_what_each_tool_is_good_for(register: Cli) -> None:
    register.settings(SHEET, '[[tools.rules]]\nkind = ["tablet"]\nunit = "mantymaki"\ntool = "none"\n')
    before = register("tools")
    assert "the next collection takes it up" in before.err
    register("collect")
    told = register("tools", "--format", "json")
    assert (told.code, told.err) == (0, "")
    assert told.json()[0] == {"kind": "tablet", "unit": "mantymaki", "use": None, "tool": "none"}
    table = register("tools").out
    assert "Not to be trusted for: " in table
    assert register("tools", "--format", "xml").code == 2


@pytest.mark.parametrize("report", ["phones", "contracts", "circulation"])
def test_a_report_names_its_files_and_speaks_each_language(leased: Cli, report: str) -> None:
    done = leased("report", report, "--out", "r.xlsx", "--lang", "all")
    assert (done.code, [line.rpartition("/")[2] for line in done.lines]) == (0, ["r-fi.xlsx", "r-sv.xlsx", "r-en.xlsx"])
    titles = [load_workbook(leased.folder / f"r-{one}.xlsx", read_only=True).sheetnames for one in ("fi", "sv", "en")]
    assert len({tuple(names) for names in titles}) == 3
    wrong = leased("report", report, "--out", "r.xlsx", "--lang", "de")
    assert (wrong.code, wrong.out) == (2, "")
    assert "There are: fi, sv, en, all." in wrong.err
    nowhere = leased("report", report, "--out", "no/such/r.xlsx")
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "Create it first." in nowhere.err
