"""Asset tags and labels from the command line."""

import pytest
from cli_rig import SHEET, Cli


@pytest.fixture
def filled(register: Cli) -> Cli:
    assert register("collect").code == 0
    return register


def test_a_tag_is_given_with_its_label_and_finds_the_device(filled: Cli) -> None:
    (upcoming,) = filled("tag", "next").lines
    done = filled("label", "PF3KX9AB", "--issue", "--out", "labels.pdf")
    assert (done.code, done.err.splitlines()) == (0, ["1 asset tag given", "labels.pdf: 1 label, 1 page"])
    assert (filled.folder / "labels.pdf").read_bytes().startswith(b"%PDF-")
    fields = filled("show", upcoming, "--format", "json").json()["fields"]
    assert (fields["serial"]["value"], fields["asset_tag"]["value"]) == ("PF3KX9AB", upcoming)
    assert filled("label", upcoming, "--out", "again.pdf").err == "again.pdf: 1 label, 1 page\n"
    assert filled("tag", "next").lines != [upcoming]


def test_a_device_without_a_tag_has_no_label_unless_one_is_given(filled: Cli) -> None:
    done = filled("label", "--where", "serial=PF3KX9AB", "--out", "labels.pdf")
    assert (done.code, done.err) == (
        1,
        "No asset tag: D000001.\n--issue gives each one of the register's own series.\n",
    )
    assert not (filled.folder / "labels.pdf").exists()


def test_tags_are_given_ahead_for_labels_that_wait(filled: Cli) -> None:
    done = filled("tag", "issue", "--count", "3", "--out", "roll.pdf", "--skip", "46")
    assert (done.code, len(done.lines)) == (0, 3)
    assert done.err == "roll.pdf: 3 labels, 2 pages\n"
    assert filled("set", "PF3KX9AB", f"asset_tag={done.lines[1]}", "--reason", "stuck on").code == 0
    assert filled("tag", "issue", "PF3KX9AB").lines == [f"D000001 {done.lines[1]}"]


def test_a_mistyped_tag_is_refused_where_it_is_typed(filled: Cli) -> None:
    (tag,) = filled("tag", "issue", "--count", "1").lines
    wrong = tag.replace("1", "7")
    for command in (["set", "PF3KX9AB", f"asset_tag={wrong}", "--reason", "x"], ["add", f"asset_tag={wrong}"]):
        done = filled(*command)
        assert done.code == 2
        assert "mistyped" in done.err


def test_either_devices_or_a_number_of_tags(filled: Cli) -> None:
    assert filled("tag", "issue").code == filled("tag", "issue", "PF3KX9AB", "--count", "2").code == 2
    assert filled("label", "--out", "x.pdf").code == 2


def test_the_series_and_the_sheet_come_from_the_settings(filled: Cli) -> None:
    filled.settings(SHEET, '[tags]\nprefix = "KAU"\ndigits = 4\nfirst = 4200\n[labels]\ncolumns = 1\nrows = 1')
    done = filled("tag", "issue", "--count", "2", "--out", "roll.pdf")
    assert [line[:-1] for line in done.lines] == ["KAU4200", "KAU4201"]
    assert done.err == "roll.pdf: 2 labels, 2 pages\n"
    filled.settings(SHEET, '[tags]\nprefix = "D"\n[labels]\ncolumns = 9')
    done = filled("tag", "next")
    assert done.code == 2
    assert "tags.prefix" in done.err
    assert "labels" in done.err
