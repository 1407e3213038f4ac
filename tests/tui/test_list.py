"""Finding one's way in a list."""

from textual import events
from textual.pilot import Pilot

from tests.tui.fake import FakeBrowser
from tests.tui.stage import lines, make, play, press, settled, speaks, text
from tui.app import DevregApp
from tui.screens.device import DeviceScreen
from tui.screens.help import HelpScreen
from tui.screens.list import ListScreen
from tui.screens.row import RowScreen


def the_list(app: DevregApp) -> ListScreen:
    assert isinstance(app.screen, ListScreen)
    return app.screen


def test_every_key_of_a_search_narrows_rows_and_count_at_once() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash", *"chr-0000")
        assert "872" not in text(app)
        assert lines(app)[1].endswith("2 / 2,613")
        assert [line[1:8] for line in lines(app)[3:6]] == ["D000003", "D000009", ""]

    play(app, script)


def test_a_search_by_key_is_answered_without_waiting_for_another_frame() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        screen = the_list(app)
        screen.box.focus()
        screen.box.insert_text_at_cursor("CHR-00003")
        assert len(screen.table.rows) == 1

    play(app, script)


def test_escape_clears_search_and_filters_and_then_goes_back() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2", "1", "slash", *"xyz", "down")
        assert "No row answers." in text(app)
        await press(pilot, "escape")
        assert len(the_list(app).table.rows) == 2613
        await press(pilot, "escape")
        assert the_list(app).view.name == "phones"

    play(app, script)


def test_sorting_cycles_up_down_off_and_the_header_says_so() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "right", "right", "s")
        assert "Kind ▲" in lines(app)[2]
        assert "access point" in lines(app)[3]
        await press(pilot, "s")
        assert "Kind ▼" in lines(app)[2]
        assert "switch" in lines(app)[3]
        await press(pilot, "s")
        assert "▲" not in text(app)
        assert "▼" not in text(app)
        assert lines(app)[3].startswith("▌D000001")

    play(app, script)


def test_a_click_on_a_header_sorts_and_a_double_click_on_a_row_opens_it() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        table = the_list(app).table
        await pilot.click(table, offset=(12, 0))
        await settled(pilot)
        assert "Name ▲" in lines(app)[2]
        await pilot.click(table, offset=(12, 4), times=2)
        await settled(pilot)
        assert isinstance(app.screen, DeviceScreen)

    play(app, script)


def test_filtering_by_the_value_under_the_cursor_is_shown_and_can_be_let_go() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "right", "right", "v")
        assert "Kind: phone ×" in lines(app)[-2]
        assert len(the_list(app).table.rows) == 872
        await press(pilot, "v")
        assert len(the_list(app).table.rows) == 2613

    play(app, script)


def test_values_of_one_column_widen_and_of_another_narrow() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f", "space")
        assert "● phone" in text(app)
        assert "○ Chromebook" in text(app), "alternatives stay in sight"
        phones = len(the_list(app).table.rows)
        await press(pilot, "down", "space")
        both = len(the_list(app).table.rows)
        assert both > phones
        await press(pilot, *["down"] * 4, "space")
        assert len(the_list(app).table.rows) < both
        await press(pilot, "escape")
        assert the_list(app).focused is the_list(app).table

    play(app, script)


def test_of_many_values_the_rest_is_shown_when_asked_for() -> None:
    browser = FakeBrowser()
    for number, row in enumerate(browser.data["devices"]):
        row["kind"] = f"kind {number % 30}"
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f", *["down"] * 12)
        assert "18 more values" in text(app)
        await press(pilot, "space")
        assert "18 more values" not in text(app)
        assert len(the_list(app).table.rows) == 2613, "nothing is filtered by that"

    play(app, script, (100, 40))


def test_the_runs_are_followed_while_one_looks_at_them() -> None:
    browser = FakeBrowser()
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "9", "down")
        browser.data["runs"].insert(0, {**browser.data["runs"][-1], "id": "R000007"})
        browser.forget()
        app._follow_runs()
        await settled(pilot)
        assert "R000007" in text(app)
        await press(pilot, "1")
        browser.calls.clear()
        app._follow_runs()
        assert browser.calls["keys"] == 0

    play(app, script)


def test_the_wheel_and_the_scroll_bar_move_the_rows_and_not_the_cursor() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        table = the_list(app).table
        table.post_message(events.MouseScrollDown(table, 5, 5, 0, 0, 0, False, False, False, 5, 5))
        await settled(pilot)
        assert (table.top, table.cursor) == (3, 0)
        await pilot.mouse_down(table, offset=(79, 19))
        await pilot.mouse_up(table, offset=(79, 19))
        await settled(pilot)
        assert (table.top, table.cursor) == (2613 - 19, 0)
        assert "D002613" in text(app)
        await press(pilot, "down")
        assert table.cursor == 1
        assert lines(app)[3].startswith("▌D000002"), "the next key brings the cursor back into view"

    play(app, script)


def test_a_value_nobody_said_can_be_filtered_by() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        the_list(app)._toggle(("holder", ""))
        await settled(pilot)
        assert "Holder: not known ×" in lines(app)[-2]
        assert len(the_list(app).table.rows) == 522

    play(app, script)


def test_columns_can_be_chosen_and_the_choice_holds_for_the_list() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "c", *"asset", "enter", "escape")
        assert "Asset tag" in lines(app)[2]
        await press(pilot, "2")
        assert "Asset tag" not in lines(app)[2]
        await press(pilot, "1")
        assert "Asset tag" in lines(app)[2]

    play(app, script)


def test_the_last_column_cannot_be_hidden() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "c")
        for _ in range(5):
            await press(pilot, "enter", "down")
        await press(pilot, "escape")
        assert len(the_list(app).table.columns) == 1

    play(app, script)


def test_columns_scroll_sideways_with_the_cursor_and_the_first_one_stays() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *["right"] * 9)
        assert "Last seen" in lines(app)[2]
        assert lines(app)[2].startswith(" Id")
        assert "◂" in lines(app)[2]
        await press(pilot, *["left"] * 9)
        assert "◂" not in lines(app)[2]

    play(app, script)


def test_every_view_has_a_key_and_comes_back_as_it_was_left() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "down", "down", "5")
        assert "Centrumskolan" in text(app)
        await press(pilot, "1")
        assert the_list(app).table.cursor == 2
        await press(pilot, "backspace")
        assert the_list(app).view.name == "units"
        await press(pilot, "alt+right")
        assert the_list(app).view.name == "devices"

    play(app, script)


def test_a_device_opens_and_its_neighbours_follow_the_list() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert "PF-OLD-0001" in text(app), "what other sources said is listed"
        await press(pilot, "n")
        assert "D000002" in lines(app)[1]
        await press(pilot, "p", "p")
        assert "D000001" in lines(app)[1]
        await press(pilot, "escape")
        assert isinstance(app.screen, ListScreen)

    play(app, script)


def test_sections_of_a_device_are_reached_by_key() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "right", "right")
        assert lines(app)[3].startswith(" Identifiers 2 ─")
        await press(pilot, "end")
        assert "Aino Mäkelä" in text(app)

    play(app, script)


def test_a_run_opens_with_its_error_in_full() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "9", *["down"] * 4, "enter")
        assert isinstance(app.screen, RowScreen)
        assert "column Sarjanumero is missing. Check the" in text(app)

    play(app, script)


def test_a_unit_leads_to_its_devices() -> None:
    app = make()
    asked: list[tuple[tuple[str, str], ...]] = []

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "enter", "d")
        asked.append(the_list(app).here.asked.where)
        assert the_list(app).view.name == "devices"

    play(app, script)
    assert asked == [(("unit", "u0"),)]


def test_the_palette_reaches_lists_actions_and_a_device_by_its_number() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "colon", *"phones", "enter")
        assert the_list(app).view.name == "phones"
        await press(pilot, "ctrl+p", *"D000042", "enter")
        assert isinstance(app.screen, DeviceScreen)
        assert "D000042" in lines(app)[1]

    play(app, script)


def test_a_number_that_names_no_device_is_told_and_nothing_else_happens() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "colon", *"D999999", "enter")
        assert isinstance(app.screen, ListScreen)
        assert "No device has D999999" in text(app)
        assert app.trouble == ""

    play(app, script)


def test_help_is_opened_and_left_by_key() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "Search as you type" in text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ListScreen)

    play(app, script)


def test_a_hundred_thousand_rows_are_shown_without_reading_them_all() -> None:
    browser = FakeBrowser(100_000)
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        before = browser.rows_read
        await press(pilot, "end", "pageup", "home", *["pagedown"] * 5)
        assert browser.rows_read - before <= 600
        browser.calls.clear()
        await press(pilot, "down", "up", "right")
        assert browser.calls["rows"] == 0, "rows that are here are not read again"
        assert browser.calls["keys"] == 0

    play(app, script)


def test_a_list_read_again_keeps_the_cursor_on_its_row() -> None:
    browser = FakeBrowser()
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *["down"] * 5)
        here = the_list(app).table.key
        browser.add(browser.data["devices"][0])
        await press(pilot, "r")
        assert the_list(app).table.key == here
        assert lines(app)[1].endswith("2,614")

    play(app, script)


def test_a_row_deleted_after_its_key_was_read_leaves_an_empty_line_and_no_other_row_moves() -> None:
    browser = FakeBrowser(250)
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        browser.deleted = {245}
        await press(pilot, "end")
        shown = lines(app)[3:22]
        assert shown[-6].strip("│┃ ") == ""
        assert shown[-5].startswith(" D000246")
        assert shown[-7].startswith(" D000244")
        await press(pilot, *["up"] * 5, "v", "y")
        assert the_list(app).table.row is None
        assert the_list(app).here.asked.where == ()

    play(app, script)


def test_going_somewhere_new_forgets_what_was_ahead() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2", "3", "backspace", "5", "alt+right")
        assert the_list(app).view.name == "units"

    play(app, script)


def test_the_language_changes_while_one_works() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "down", "L")
        assert the_list(app).table.cursor == 1

    speaks("fi")
    play(app, script)
    assert app.t.language == "fi"


def test_quitting_takes_one_key() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("q")

    play(app, script)
    assert app.return_code == 0


def test_a_collection_is_started_only_where_one_can_be() -> None:
    started: list[bool] = []
    app = make(collect=lambda: started.append(True))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "C")
        assert the_list(app).view.name == "runs"

    play(app, script)
    assert started == [True]
    without = make()

    async def refused(pilot: Pilot[None]) -> None:
        await press(pilot, "C")
        assert "can't be started" in text(without)

    play(without, refused)
