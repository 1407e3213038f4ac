"""The demo's control address: what a person does beside the register, in a browser or with curl.

Approve or reject what waits in Intune, switch a device on or off, say who sits at the sign-in page, let time pass, cut the next
connection. The page shows every order that the stand-ins took. The address holds a secret, so that no page of the web can turn it.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, ClassVar, Final

from devreg.demo.google import Google
from devreg.demo.graph import Graph
from devreg.demo.graph_approvals import NotYours
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply

_SHOWN: Final = 30


class Unknown(Exception):
    """Nothing of that name."""


class Control(StandIn):
    """Knobs of both stand-ins by POST, and a page with what goes on."""

    about: ClassVar[str] = (
        "The control address of devreg's demo. The address with its secret was printed when the demo began.\n"
    )

    def __init__(self, graph: Graph, google: Google) -> None:
        super().__init__()
        self._graph, self._google = graph, google
        self._secret = secrets.token_urlsafe(9)
        self._turns: dict[str, Callable[[Mapping[str, str]], object]] = {
            "approve": self._approve,
            "reject": self._reject,
            "online": self._online,
            "offline": self._offline,
            "approval": self._approval,
            "seat": self._seat,
            "pass": lambda form: self._pass(float(form["seconds"])),
            "cut": self._cut,
        }

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self.url}/{self._secret}/"

    def administrators(self) -> list[str]:
        """Sign-in names of who may do everything in Intune."""
        accounts = self._graph.entra.people.accounts.values()
        return [account.upn for account in accounts if account.intune is None and account.enabled]

    def respond(self, request: Request) -> Reply:
        """The page, the ledger as JSON, or a knob turned."""
        token, _, what = request.path.lstrip("/").partition("/")
        if not secrets.compare_digest(token.encode(), self._secret.encode()):
            return _text(404, "Not here.")
        self._graph.acts.advance()
        self._google.acts.advance()
        if request.method == "GET" and what == "":
            return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, self._page().encode())
        if request.method == "GET" and what == "deeds":
            return json_reply(200, [_deed(deed) for api in (self._graph, self._google) for deed in api.deeds])
        if request.method != "POST" or what not in self._turns:
            return _text(404, f"There is {', '.join(self._turns)}, each by POST; and deeds by GET.")
        try:
            self._turns[what](request.form)
        except KeyError as missing:
            return _text(400, f"{what} needs {missing.args[0]}.")
        except (Unknown, NotYours, ValueError) as refused:
            return _text(400, str(refused))
        return Reply(303, {"Location": self.address}, b"done\n")

    def _approve(self, form: Mapping[str, str]) -> None:
        self._graph.approvals.approve(form["code"], self._second(form), form.get("said", ""))

    def _reject(self, form: Mapping[str, str]) -> None:
        self._graph.approvals.reject(form["code"], self._second(form), form.get("said", ""))

    def _second(self, form: Mapping[str, str]) -> str:
        """Who decides: the one named, else the first administrator who did not ask for it."""
        asked = next((a.requester for a in self._graph.approvals.requests if a.id == form["code"]), "")
        return form.get("by") or next(upn for upn in self.administrators() if upn != asked)

    def _online(self, form: Mapping[str, str]) -> None:
        for acts, device_id in self._named(form["device"]):
            acts.see(device_id)

    def _offline(self, form: Mapping[str, str]) -> None:
        for acts, device_id in self._named(form["device"]):
            acts.offline.add(device_id)

    def _named(self, text: str) -> list[tuple[Any, str]]:
        """The devices that have this serial number, or are this record."""
        wanted = text.strip().lower()
        found: list[tuple[Any, str]] = [
            (self._graph.acts, order.row["id"])
            for order in self._graph.acts.orders
            if wanted in (order.row["id"], order.row["serialNumber"].lower())
        ] + [
            (self._graph.acts, row["id"])
            for row in self._graph.devices
            if wanted in (row["id"], row["serialNumber"].lower())
        ]
        for customer in self._google.customers.values():
            keys = ((customer.devices, "deviceId"), (customer.mobiles, "resourceId"), (customer.cloud_devices, "name"))
            found += [
                (self._google.acts, row[key])
                for rows, key in keys
                for row in rows
                if wanted in (row[key].lower(), row.get("serialNumber", "").lower())
            ]
        if not found:
            raise Unknown(f"No stand-in knows a device {text!r}.")
        return found

    def _approval(self, form: Mapping[str, str]) -> None:
        self._graph.approvals.on = form["on"] in ("1", "yes", "true", "on")

    def _seat(self, form: Mapping[str, str]) -> None:
        upn = form["person"].lower()
        if upn and upn not in self._graph.entra.people.accounts:
            raise Unknown(f"{upn} has no account here.")
        self._graph.entra.people.seated = upn or None

    def _pass(self, seconds: float) -> None:
        self._graph.pass_time(seconds)
        self._google.pass_time(seconds)

    def _cut(self, form: Mapping[str, str]) -> None:
        """The next order meets a fault: drop, drop_after, hang, hang_after, status_after, slow."""
        kind = FaultKind(form.get("kind", "drop_after"))
        for api in (self._graph, self._google):
            api.faults.append(Fault(kind=kind, method="POST", path_contains=form.get("path", "/devic"), status=503))

    def _page(self) -> str:
        approvals, people = self._graph.approvals, self._graph.entra.people
        waiting = [
            f"<li>{escape(a.act)} of {escape(self._name(a.device_id))}, asked by {escape(a.requester)}: {escape(a.justification)}"
            f" {_button('approve', 'Approve', code=a.id)}{_button('reject', 'Reject', code=a.id)}</li>"
            for a in approvals.requests
            if a.status == "needsApproval"
        ]
        seats = "".join(
            f"<option{' selected' * (upn == people.seated)}>{escape(upn)}</option>" for upn in self.administrators()
        )
        on = "off" if approvals.on else "on"
        sections = (
            f"<h2>Multi Admin Approval</h2>{_button('approval', f'Switch {on}', on=on)}<ul>{''.join(waiting)}</ul>",
            f"<h2>Orders</h2><ul>{''.join(self._orders())}</ul>",
            "<h2>A device</h2>" + "".join(
                f'<form method="post" action="{what}"><input name="device" placeholder="serial number">'
                f"<button>{label}</button></form>"
                for what, label in (("online", "comes online"), ("offline", "goes offline"))
            ),
            f'<h2>At the sign-in page sits</h2><form method="post" action="seat"><select name="person"><option value="">ask</option>'
            f"{seats}</select><button>Take a seat</button></form>",
            "<h2>More</h2>" + _button("pass", "An hour passes", seconds="3600")
            + "".join(_button("cut", f"Next order: {kind}", kind=kind) for kind in ("drop", "drop_after", "status_after")),
        )  # fmt: skip
        title = "Control of devreg's demo"
        return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{''.join(sections)}</body></html>"

    def _orders(self) -> Iterable[str]:
        acts, google = self._graph.acts, self._google.acts
        for order in acts.orders[-_SHOWN:]:
            yield _line(
                order.act,
                f"{order.row['deviceName']} {order.row['serialNumber']}",
                order.state,
                order.row["id"] in acts.offline,
            )
        for command in google.all[-_SHOWN:]:
            device = command.device
            yield _line(command.type, device["serialNumber"], command.state, device["deviceId"] in google.offline)

    def _name(self, device_id: str) -> str:
        return next(
            (f"{r['deviceName']} {r['serialNumber']}" for r in self._graph.devices if r["id"] == device_id), device_id
        )


def _line(act: str, device: str, state: str, is_off: bool) -> str:
    return f"<li>{escape(act)} of {escape(device)}: {escape(state)}{', the device is off' * is_off}</li>"


def _button(action: str, label: str, **values: str) -> str:
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items())
    return (
        f'<form method="post" action="{action}" style="display:inline">{fields}<button>{escape(label)}</button></form>'
    )


def _text(status: int, text: str) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())


def _deed(deed: Any) -> dict[str, Any]:
    return {
        "device": deed.device_id, "act": deed.act, "destructive": deed.destructive, "by": deed.by, "method": deed.method,
        "target": deed.target, "body": deed.body.decode("utf-8", "replace"), "client_request_id": deed.client_request_id,
        "at": deed.at, "taken": deed.taken, "status": deed.status,
    }  # fmt: skip
