"""What the import contracts of pyproject.toml can't say: what is loaded at run time, and that no module escapes them."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from collectors import REGISTRY

ROOT = Path(__file__).parents[1]
PACKAGES = ("devreg", "collectors", "tui", "exports")
HEAVY = ("msal", "google.auth", "pysnmp", "requests", "openpyxl", "python_calamine", "sqlalchemy", "alembic", "textual")
PURE = {"msgspec", "stdnum", "dateutil", "cronsim"}


def loaded_by(*statement: str) -> set[str]:
    """Modules that a fresh interpreter has loaded after running `statement`."""
    code = f"import sys\n{statement[0]}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code, *statement[1:]], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def sources(package: str) -> Iterator[Path]:
    """Files of a package, but for migrations: those are lists of what was, and never change."""
    return (path for path in (ROOT / package).rglob("*.py") if path.parent.name != "versions")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_the_service_that_ingests_runs_without_a_terminal_library() -> None:
    loaded = loaded_by("import devreg.services.ingest, devreg.services.collect")
    assert not loaded & {"textual", "rich", "tui", "openpyxl", "msal", "pysnmp"}


def test_help_loads_no_client_database_or_terminal_library() -> None:
    statement = "from devreg.__main__ import main\ntry: main()\nexcept SystemExit: pass"
    assert not loaded_by(statement, "--help") & set(HEAVY)


def test_wiring_every_kind_of_source_loads_no_client_library() -> None:
    statement = "from devreg import wiring\nfrom collectors import REGISTRY\n[wiring.collector_class(kind) for kind in REGISTRY]"
    loaded = loaded_by(statement)
    assert {REGISTRY[kind].partition(":")[0] for kind in REGISTRY} <= loaded
    assert not loaded & {"msal", "google.auth", "pysnmp", "requests", "openpyxl", "python_calamine", "textual"}


def test_the_domain_loads_nothing_that_does_input_or_output() -> None:
    names = ", ".join(module_name(path) for path in sources("devreg/domain"))
    loaded = loaded_by(f"import {names}")
    assert not loaded & {*HEAVY, "pydantic", "rich", "sqlite3"}


def test_the_domain_imports_only_the_standard_library_and_small_value_libraries() -> None:
    graph = grimp.build_graph("devreg", include_external_packages=True)
    imported = {
        target.partition(".")[0]
        for module in graph.find_descendants("devreg.domain")
        for target in graph.find_modules_directly_imported_by(module)
    }
    assert imported - sys.stdlib_module_names - PURE == {"devreg"}


def test_every_module_of_the_core_stands_in_a_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    there = {f"devreg.{path.stem}" for path in (ROOT / "devreg").iterdir() if path.suffix == ".py" or holds_code(path)}
    assert there - {"devreg.__init__"} == placed - {"tui", "exports", "collectors"}


def holds_code(path: Path) -> bool:
    return path.is_dir() and any(path.rglob("*.py"))


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_a_collector_imports_no_other_collector(kind: str) -> None:
    """By family of files: a kind owns `collectors/<kind>*`, so a new source is covered without an edit here."""
    graph = grimp.build_graph("collectors")
    family = {other: owned_by(other, graph.modules) for other in REGISTRY}
    others = set().union(*(modules for other, modules in family.items() if other != kind))
    assert family[kind]
    for module in family[kind]:
        assert not graph.find_modules_directly_imported_by(module) & others, module


def owned_by(kind: str, modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[2].replace(".", "_").split("_")[0] == kind}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_are_absolute_and_no_module_is_a_drawer_of_odds_and_ends(package: str) -> None:
    for path in sources(package):
        assert path.stem not in {"utils", "util", "helpers", "manager", "misc", "common"}, path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_over_400_lines_and_no_function_over_60(package: str) -> None:
    for path in sources(package):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                assert node.end_lineno - node.lineno < 60, f"{path}: {node.name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package: str) -> None:
    silent = [path for path in sources(package) if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert [path for path in silent if path.stat().st_size] == []


DOORS = {"devreg.services.acting", "devreg.services.collect", "devreg.services.schedule"}
"""What opens units of work that write: the door of people, a run, a scheduled report. All ask for a right."""
TRIES = {"devreg.services.importing"}
"""Takes back what it wrote: the difference is shown by doing it."""
TELLS = {"devreg.services.notify", "devreg.services.troubles"}
"""Keep how far notices were carried, after runs that asked for the right; they change nothing that the register knows."""
FOLLOWS = {
    "devreg.services.offering",
    "devreg.services.reckoning",
    "devreg.services.settle",
    "devreg.services.suggesting",
    "devreg.services.tools",
    "devreg.services.yardsticks",
}
"""Keep what lists go by in step, with the day, the settings' file and the management systems, for who has the right to read sources."""


def test_what_writes_goes_through_the_door_that_asks_for_a_right() -> None:
    found = {
        module_name(path)
        for package in ("devreg/services", "devreg/commands", "tui", "exports", "collectors")
        for path in sources(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "write" and ast.unparse(node.value).endswith("sessions")
    }
    assert found == DOORS | TRIES | TELLS | FOLLOWS


ASKS = {"get_cmd", "next_cmd", "bulk_cmd", "GetRequestPDU", "GetNextRequestPDU", "GetBulkRequestPDU", "GetResponsePDU"}
"""Everything of pysnmp's that makes or takes a message; the rest of its commands and PDUs write to a device or speak unasked."""
SPEAKS = re.compile(
    r"pdu$|_?cmd$|setrequest|trap|inform|notif|cmdrsp|cmdgen|ntforg|ntfrcv|responder|originator", re.IGNORECASE
)
PROTOCOL = {"Pdu", "pdu", "get_pdu", "set_pdu", "apiPDU", "apiBulkPDU"}
"""Words of ours and of pysnmp's that only look like one of those."""


def test_only_reads_exist_of_snmp() -> None:
    """GET, GETNEXT and GETBULK: no other command or PDU of pysnmp's is named anywhere, not even as a text for getattr."""
    from collectors.snmp.wire import Pdu

    assert {pdu.name for pdu in Pdu} == {"GET", "NEXT", "BULK"}
    found = {word for path in sources("collectors/snmp") for word in words(path) if SPEAKS.search(word)}
    assert found - PROTOCOL == ASKS


def test_only_the_snmp_source_and_the_demos_agent_speak_snmp() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True)
    importers = graph.find_modules_that_directly_import("pysnmp")
    assert {name.rpartition(".")[0] for name in importers} == {"collectors.snmp", "devreg.demo"}


def words(path: Path) -> Iterator[str]:
    """Every name a module uses, imports or has as a text by itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str(word)):
                yield word
            case ast.Constant(value=str(word)) if word.isidentifier():
                yield word
            case ast.ImportFrom(module=module, names=names):
                yield from (module or "").split(".")
                for alias in names:
                    assert alias.name != "*", path
                    yield alias.name
            case ast.Import(names=names):
                yield from (part for alias in names for part in alias.name.split("."))
