"""The one table of actions drives everything that speaks of keys."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len

from devreg.i18n import LANGUAGES, Catalogue
from tests.tui.fake import FakeBrowser
from tests.tui.stage import speaks
from tui.app import DevregApp
from tui.keys import ACTIONS, VIEW_KEYS, Where, actions, shown
from tui.screens.action import ActionScreen
from tui.screens.choices import ChoiceScreen
from tui.screens.device import DeviceScreen
from tui.screens.facets import FacetPanel
from tui.screens.form import FormScreen
from tui.screens.list import ListScreen
from tui.screens.page import PageScreen
from tui.widgets.frame import footer_actions
from tui.widgets.search_box import SearchBox
from tui.widgets.window_table import WindowTable

OWNERS = {
    Where.APP: DevregApp,
    Where.LIST: ListScreen,
    Where.TABLE: WindowTable,
    Where.SEARCH: SearchBox,
    Where.FACETS: FacetPanel,
    Where.PAGE: PageScreen,
    Where.DEVICE: DeviceScreen,
    Where.ACTION: ActionScreen,
    Where.CHOICE: ChoiceScreen,
    Where.FORM: FormScreen,
}
PLACES = (
    (Where.LIST, Where.TABLE, Where.APP),
    (Where.SEARCH, Where.APP),
    (Where.FACETS, Where.APP),
    (Where.PAGE, Where.APP),
    (Where.DEVICE, Where.PAGE, Where.APP),
    (Where.ACTION, Where.PAGE, Where.APP),
    (Where.FORM,),
)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.where}.{action.id}")
def test_every_action_is_a_method_of_its_place(action: object) -> None:
    name = action.id.partition("(")[0]  # type: ignore[attr-defined]
    assert callable(getattr(OWNERS[action.where], f"action_{name}"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("places", PLACES, ids=str)
def test_no_key_does_two_things_in_one_place(places: tuple[Where, ...]) -> None:
    keys = Counter(key for action in actions(*places) for key in action.keys)
    if not {Where.SEARCH, Where.FORM} & set(places):
        keys.update(VIEW_KEYS.values())
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("places", PLACES, ids=str)
def test_the_key_bar_fits_eighty_columns(language: str, places: tuple[Where, ...]) -> None:
    speaks(language)
    t = Catalogue(language)
    needed = [action for action in footer_actions(places) if action.footer <= 9]
    assert sum(cell_len(f" {t(shown(action.keys[0]))} {t(action.label)} ") for action in needed) <= 80


def test_every_view_key_opens_a_list_there_is() -> None:
    assert {view.name for view in FakeBrowser(10).views()} <= set(VIEW_KEYS)


def test_the_screens_reach_no_database_driver_and_no_network_client_by_themselves() -> None:
    banned = {"sqlalchemy", "msal", "pysnmp", "openpyxl", "requests", "google", "sqlite3", "psycopg"}
    for path in (Path(__file__).parents[2] / "tui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & banned, path


def test_importing_the_screens_loads_neither_the_database_nor_a_client_library() -> None:
    heavy = ("sqlalchemy", "pydantic", "babel", "msal", "pysnmp", "openpyxl", "requests", "google.auth")
    code = f"import sys, tui.app; print(*[m for m in {heavy} if m in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert told.stdout.strip() == ""
