"""One guarded path to everything that changes a device (safety.md 1): what the import contracts can't say of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import grimp
from test_architecture import PACKAGES, loaded_by, module_name, sources

from collectors import READERS
from collectors.actions import SENDERS
from devreg.action_options import ACTING

ACTIONS = "collectors.actions"
QUESTIONS = {"collectors.http", "collectors.msal_client"}
"""Ask by POST and change nothing: twenty reads in one, and sign-ins."""
WORDS = (
    "/wipe", "/retire", "/remoteLock", "/resetPasscode", "/enableLostMode", "/locateDevice", "/rebootNow", "/shutDown",
    "issueCommand", "batchChangeStatus", "commandType", "admin_remote_wipe", "admin_account_wipe", "changeChromeOsDeviceStatus",
    "REMOTE_POWERWASH", ":wipe", "executeAction", "moveDevicesToOu", "cleanWindowsDevice",
)  # fmt: skip
"""Parts of addresses and bodies by which devices are changed."""


def ours() -> Iterator[tuple[str, Path]]:
    """Our modules but for the stand-ins, which are what is acted on."""
    for package in PACKAGES:
        for path in sources(package):
            if not module_name(path).startswith("devreg.demo"):
                yield module_name(path), path


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for module, path in ours():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield module, node


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def constants() -> Iterator[tuple[str, str]]:
    """Module and every text in its code, but for what only documents it."""
    for module, path in ours():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documenting = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documenting:
                yield module, node.value


def test_addresses_that_change_devices_stand_in_one_package_alone() -> None:
    found = {module for module, text in constants() if any(word in text for word in WORDS)}
    assert found == {f"{ACTIONS}.intune_orders", f"{ACTIONS}.google_orders"}


def test_only_the_senders_say_post_and_delete_beside_what_only_asks() -> None:
    verbs = {
        module
        for module, text in constants()
        if text in {"POST", "PUT", "PATCH", "DELETE"} and not module.startswith("devreg.store")
    }
    assert verbs == {f"{ACTIONS}.intune_orders", f"{ACTIONS}.google_orders", *QUESTIONS}


def test_one_place_makes_orders_and_hands_them_to_a_sender() -> None:
    """What a sender is given is an `Order`, and nothing else makes one."""
    calls = [(module, ast.unparse(node.func)) for module, node in nodes() if isinstance(node, ast.Call)]
    making = {module for module, called in calls if called.split(".")[-1] == "Order"}
    sending = {module for module, called in calls if called.endswith("sender.send")}
    assert making == sending == {"devreg.services.act"}


def test_one_place_in_each_sender_puts_a_request_on_the_wire() -> None:
    found = [
        module
        for module, node in nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "send_once"
        and module.startswith(ACTIONS)
    ]
    assert sorted(found) == [f"{ACTIONS}.google", f"{ACTIONS}.intune"]


def test_nothing_but_the_wiring_knows_the_senders() -> None:
    graph = grimp.build_graph(*PACKAGES)
    inside = {ACTIONS, *graph.find_descendants(ACTIONS)}
    importers = {name for module in inside for name in graph.find_modules_that_directly_import(module)} - inside
    assert importers == {"devreg.wiring"}


def test_following_an_order_loads_nothing_that_could_give_one() -> None:
    modules = ", ".join(where.partition(":")[0] for where in READERS.values())
    loaded = loaded_by(f"import devreg.services.settle, {modules}")
    assert not [name for name in loaded if name.startswith(ACTIONS)]


def test_what_can_be_acted_on_can_be_followed_and_set_up() -> None:
    assert set(SENDERS) == set(READERS) == set(ACTING)
