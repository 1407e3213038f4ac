"""The project's files agree with each other: package, locks, sample, documents, commands."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from devreg import __version__, cli, config_file, wiring
from devreg.sample import sample_toml

ROOT = Path(__file__).parents[1]
PACKAGES = ("devreg", "collectors", "tui", "exports")
UNIMPORTED = {"defusedxml", "lxml", "tzdata"}
"""Used by other libraries when they are there."""
PARTS = {"pydantic-core"}
"""Come with a library that is declared."""
HOSTS = ("pypi" + ".org", "python" + "hosted.org")
MACHINE_PATH = re.compile(r"(?<![\w./$}])/(?:work|root|opt|home)/\w")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return zipfile.ZipFile(folder / done.stdout.split()[-1])


def test_the_wheel_holds_every_file_of_the_four_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in inside} == set(PACKAGES)
    assert set(package_files()) <= inside
    assert not [name for name in inside if name.endswith((".pyc", ".po~", ".db"))]


@pytest.mark.parametrize(
    "name",
    [
        "devreg/store/migrations/versions/0001_the_first_schema.py",
        "devreg/locale/fi/LC_MESSAGES/devreg.mo",
        "devreg/locale/sv/LC_MESSAGES/devreg.mo",
        "collectors/snmp/vendors.toml",
        "tui/app.tcss",
        f"devreg-{__version__}.dist-info/entry_points.txt",
        f"devreg-{__version__}.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_holds_what_is_not_code_too(wheel: zipfile.ZipFile, name: str) -> None:
    assert wheel.getinfo(name).file_size


def package_files() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                yield path.relative_to(ROOT).as_posix()


def test_the_sample_settings_are_made_from_the_settings_themselves() -> None:
    assert (ROOT / config_file.FILE_NAME).read_text(encoding="utf-8") == sample_toml(), (
        "copy the one that `devreg init` writes"
    )


def test_the_sample_settings_work_as_they_stand() -> None:
    app = wiring.open_app(ROOT / config_file.FILE_NAME, need_schema=False)
    app.sessions.close()
    assert app.sources == {}


def test_every_example_in_the_sample_can_be_uncommented(tmp_path: Path) -> None:
    either_or = re.compile(r"^# client_secret = .*\n", re.MULTILINE)
    text = re.sub(r'^# (?=\[|"?\w+"? = )', "", either_or.sub("", sample_toml()), flags=re.MULTILINE)
    (tmp_path / "devreg.toml").write_text(text, encoding="utf-8")
    (tmp_path / "vendors.toml").write_text("", encoding="utf-8")
    app = wiring.open_app(tmp_path / "devreg.toml", need_schema=False)
    app.sessions.close()
    assert set(app.sources) == {"intune", "chrome-city", "network", "leases"}
    assert set(app.actions) == {"intune", "chrome-city"}


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    for name, text in tracked_texts():
        assert not [host for host in HOSTS if host in text], name
        assert not MACHINE_PATH.search(text), f"{name}: {MACHINE_PATH.search(text)}"


def commands_in(document: str) -> set[tuple[str, str]]:
    """(program, first word) of every `make …` and `devreg …` in the document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return set(re.findall(r"(?:^|`|/)(make|devreg) ([a-z]+)\b", text, re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_commands_in_the_documents_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    verbs = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
    known = {"make": targets, "devreg": verbs}
    assert [(program, word) for program, word in commands_in(document) if word not in known[program]] == []


def test_the_readme_shows_both_commands_and_the_first_set_up() -> None:
    assert commands_in("README.md") >= {
        ("make", "demo"), ("make", "test"), ("devreg", "init"), ("devreg", "check"), ("devreg", "collect"), ("devreg", "tui"),
    }  # fmt: skip


def test_what_ci_runs_is_make_test() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line for line in lines[1:] if line and not line.startswith("#")] == [
        "set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test",
    ]  # fmt: skip
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def declared(pyproject: dict[str, Any]) -> dict[str, list[Requirement]]:
    """Section ("" for running) -> requirements, this project itself left out."""
    project = pyproject["project"]
    sections = {"": project["dependencies"], **project["optional-dependencies"], **pyproject["dependency-groups"]}
    return {
        section: [item for item in map(Requirement, lines) if item.name != project["name"]]
        for section, lines in sections.items()
    }


def test_every_dependency_has_its_line_in_the_documents(pyproject: dict[str, Any]) -> None:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    explained = [name for line in text.splitlines() for name in re.findall(r"`([\w.-]+)`(?=[,:])", line)]
    needed = {item.name for items in declared(pyproject).values() for item in items}
    assert sorted(explained) == sorted(needed)


def test_what_the_packages_import_is_declared_and_what_is_declared_is_imported(pyproject: dict[str, Any]) -> None:
    owners = importlib.metadata.packages_distributions()
    imported = {canonicalize_name(owner) for name in third_party_imports() for owner in owners[name]} - PARTS
    running = {canonicalize_name(item.name) for item in declared(pyproject)[""]}
    extra = {canonicalize_name(item.name) for name in ("demo", "plan", "bi") for item in declared(pyproject)[name]}
    assert imported - extra == running - UNIMPORTED


def third_party_imports() -> set[str]:
    names = set()
    for path in (ROOT / name for name in package_files() if name.endswith(".py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    names |= {alias.name.partition(".")[0] for alias in aliases}
                case ast.ImportFrom(module=str(module)):
                    names.add(module.partition(".")[0])
    return names - set(PACKAGES) - sys.stdlib_module_names


def locked(name: str) -> dict[str, str]:
    """Name -> version; every one of them with a hash."""
    text = (ROOT / f"requirements/{name}.lock").read_text()
    pins = re.findall(r"^([\w.-]+)==(\S+)(?: ; [^\\\n]+)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[\w.-]+ *[=<>~@]", text, re.MULTILINE))
    return dict(pins)


def test_the_tests_lock_holds_all_of_the_demos_in_the_same_versions() -> None:
    assert locked("demo").items() <= locked("test").items()


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("demo", {"", "demo", "plan", "build"}), ("test", {"", "demo", "plan", "postgres", "test", "build"})],
)
def test_the_locks_hold_what_pyproject_asks_for(pyproject: dict[str, Any], lock: str, extras: set[str]) -> None:
    pins = locked(lock)
    asked = [item for section, items in declared(pyproject).items() if section in extras for item in items]
    assert [
        str(item) for item in asked if not item.specifier.contains(pins.get(canonicalize_name(item.name), "0"))
    ] == []
