"""A register in memory, as large as a test likes, that counts what is asked of it."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from devreg.domain.observation import Port
from devreg.domain.provenance import Claim, Word
from devreg.domain.sorting import fold, sort_key
from devreg.errors import Ambiguous, NotFound
from devreg.i18n import N_
from devreg.ports import Column, ColumnType, Row
from devreg.services.browse import (
    Browser,
    ChangeLine,
    ContractLine,
    DevicePage,
    FieldLine,
    Key,
    Query,
    RecordLine,
    ViewInfo,
)

NOW = datetime(2026, 11, 24, 6, 15, tzinfo=UTC)
W, D, DT, INT = ColumnType.WORD, ColumnType.DATE, ColumnType.DATETIME, ColumnType.INTEGER

DEVICE_COLUMNS = (
    Column("id", N_("Id"), width=8),
    Column("asset_tag", N_("Asset tag"), width=10),
    Column("name", N_("Name"), width=18),
    Column("kind", N_("Kind"), W, 13),
    Column("manufacturer", N_("Manufacturer"), width=10),
    Column("model", N_("Model"), width=24),
    Column("serial", N_("Serial number"), width=12),
    Column("imei", N_("IMEI"), width=15),
    Column("state", N_("State"), W, 12),
    Column("unit", N_("Unit"), width=20),
    Column("use", N_("Use"), W, 12),
    Column("stage", N_("Stage"), W, 14),
    Column("holder", N_("Holder"), width=20),
    Column("ownership", N_("Ownership"), W, 10),
    Column("os", N_("Operating system"), width=10),
    Column("os_version", N_("System version"), width=10),
    Column("support_end", N_("Support ends"), D, 10),
    Column("managed_by", N_("Managed by"), width=12),
    Column("last_seen", N_("Last seen"), DT, 16),
    Column("sources", N_("Sources"), width=20),
)
_SHOWN = ("id", "name", "kind", "model", "state", "unit", "holder", "serial", "support_end", "last_seen")
_FACETS = ("kind", "state", "unit", "use", "manufacturer", "managed_by")
_RUN_COLUMNS = (
    Column("id", N_("Id"), width=8),
    Column("source", N_("Source"), width=14),
    Column("started", N_("Started"), DT, 16),
    Column("finished", N_("Finished"), DT, 16),
    Column("verdict", N_("Verdict"), W, 12),
    Column("seen", N_("Seen"), INT, 7),
    Column("new", N_("New"), INT, 6),
    Column("changed", N_("Changed"), INT, 7),
    Column("same", N_("Same"), INT, 7),
    Column("review", N_("To review"), INT, 6),
    Column("rejected", N_("Rejected"), INT, 6),
    Column("missing", N_("Not seen any more"), INT, 6),
    Column("held_reason", N_("Held because"), width=30),
    Column("error", N_("Error"), width=40),
)
_UNIT_COLUMNS = (
    Column("unit", N_("Unit id"), width=12),
    Column("unit_name", N_("Name"), width=24),
    Column("kind", N_("Kind"), W, 12),
    Column("devices", N_("Devices"), INT, 7),
    Column("share", N_("Share"), ColumnType.PERCENT, 7),
)
_PLAIN_COLUMNS = (
    Column("id", N_("Id"), width=10),
    Column("name", N_("Name"), width=30),
    Column("device_id", N_("Device"), width=8),
    Column("fee", N_("Monthly fee"), ColumnType.MONEY_CENTS, 10),
)
UNITS = ("Keskustan koulu", "Centrumskolan", "Rantalan päiväkoti", "Kaupungintalo", "Åkerby skola", "Lukio")
MODELS = (
    ("laptop", "Lenovo", "ThinkPad L14 Gen 4"),
    ("phone", "Apple", "iPhone 14"),
    ("phone", "Samsung", "Galaxy XCover6 Pro"),
    ("chromebook", "Acer", "Chromebook Spin 512"),
    ("switch", "Hewlett Packard Enterprise", "Aruba 2930F"),
    ("access_point", "Cisco", "Catalyst 9120AXI"),
)
_STATES = ("in_use", "in_use", "in_use", "in_use", "in_stock", "in_repair", "lost")
_HOLDERS = ("Aino Mäkelä", "Björn Sjöström", "Veikko Ylä-Outinen", "Åsa Öhman", None)


def device_row(number: int, rng: Random) -> dict[str, object]:
    """An invented device."""
    kind, maker, model = MODELS[number % len(MODELS)]
    return {
        "id": f"D{number:06d}",
        "asset_tag": f"KAU-{number:05d}",
        "name": f"{kind[:3].upper()}-{number:05d}",
        "kind": kind,
        "manufacturer": maker,
        "model": model,
        "serial": f"PF{rng.randrange(36**6):08X}",
        "imei": f"3520990017{number:05d}" if kind == "phone" else None,
        "state": _STATES[rng.randrange(len(_STATES))],
        "unit": UNITS[rng.randrange(len(UNITS))],
        "use": "pupil" if kind == "chromebook" else "staff",
        "stage": None,
        "holder": _HOLDERS[number % len(_HOLDERS)],
        "ownership": "company",
        "os": "ChromeOS" if kind == "chromebook" else "Windows",
        "os_version": f"10.0.{number % 90}",
        "support_end": date(2027, 6, 1) + timedelta(days=number % 900) if number % 3 else None,
        "managed_by": "chrome-city" if kind == "chromebook" else "intune",
        "last_seen": NOW - timedelta(minutes=number * 7 % 90_000),
        "sources": "intune, leases",
    }


def runs() -> list[dict[str, object]]:
    """A run of every verdict."""
    verdicts = (
        ("intune", "complete", None, None),
        ("chrome-city", "complete", None, None),
        ("chrome-edu", "held", None, "612 of 1 204 devices are not listed any more (limit 10 %)"),
        ("network", "partial", "10.20.9.14: no answer", None),
        ("leases", "failed", "leases.xlsx: column Sarjanumero is missing. Check the profile.", None),
        ("intune", "running", None, None),
    )
    rows: list[dict[str, object]] = []
    for number, (source, verdict, error, held) in enumerate(verdicts, 1):
        done = verdict in ("complete", "partial", "held")
        rows.append(
            {
                "id": f"R{number:06d}",
                "source": source,
                "started": NOW - timedelta(hours=3, minutes=-10 * number),
                "finished": None if verdict == "running" else NOW - timedelta(hours=2, minutes=-10 * number),
                "verdict": verdict,
                "seen": 1204 if done else None,
                "new": 3 if done else None,
                "changed": 25 if done else None,
                "same": 1176 if done else None,
                "review": 1 if done else None,
                "rejected": 0 if done else None,
                "missing": 0 if verdict == "complete" else None,
                "held_reason": held,
                "error": error,
            }
        )
    return rows


def small(prefix: str, names: Sequence[str]) -> list[dict[str, object]]:
    """Rows of the lesser lists."""
    return [
        {"id": f"{prefix}{n}", "name": name, "device_id": f"D{n:06d}", "fee": 1250 + n}
        for n, name in enumerate(names, 1)
    ]


class FakeBrowser(Browser):
    """Views over lists of dicts; `calls` counts reads, `trouble` makes every read fail, `gate` makes them wait."""

    quick_ok = True

    def __init__(self, devices: int = 2613, hostile: Sequence[str] = ()) -> None:
        rng = Random(7)  # seeded: the same city every time
        rows: dict[str, list[dict[str, object]]] = {
            "devices": [device_row(number, rng) for number in range(1, devices + 1)],
            "units": [
                {"unit": f"u{n}", "unit_name": name, "kind": "school", "devices": 100 * n, "share": 0.9 - n / 50}
                for n, name in enumerate(UNITS)
            ],
            "runs": runs(),
        }
        for place, text in enumerate(hostile):
            rows["devices"][place] = dict.fromkeys((c.key for c in DEVICE_COLUMNS), text) | {"id": f"D{place + 1:06d}"}
        names = [*hostile, "Aino Mäkelä", "Björn Sjöström"]
        rows |= {view: small(view[0], names) for view in ("persons", "contracts", "review", "ports", "records")}
        for view, kinds in (
            ("phones", {"phone"}),
            ("chromebooks", {"chromebook"}),
            ("network", {"switch", "access_point"}),
        ):
            rows[view] = [row for row in rows["devices"] if row["kind"] in kinds or place_of(row) < len(hostile)]
        rows["missing"] = rows["devices"][:5]
        self.data = rows
        self.hostile = tuple(hostile)
        self.calls: Counter[str] = Counter()
        self.rows_read = 0
        self.deleted: set[Key] = set()
        self.trouble: Exception | None = None
        self.gate: threading.Event | None = None
        self._text: dict[str, list[str]] = {}

    def views(self) -> tuple[ViewInfo, ...]:
        def of(name: str, title: str, columns: tuple[Column, ...], facets: tuple[str, ...] = ()) -> ViewInfo:
            shown = _SHOWN if columns is DEVICE_COLUMNS else tuple(column.key for column in columns)
            return ViewInfo(name, title, columns, shown, facets)

        return (
            of("devices", N_("Devices"), DEVICE_COLUMNS, _FACETS),
            of("phones", N_("Phones"), DEVICE_COLUMNS, _FACETS),
            of("chromebooks", N_("Chromebooks"), DEVICE_COLUMNS, _FACETS),
            of("network", N_("Network gear"), DEVICE_COLUMNS, _FACETS),
            of("units", N_("Units"), _UNIT_COLUMNS, ("kind",)),
            of("persons", N_("Persons"), _PLAIN_COLUMNS),
            of("contracts", N_("Contracts"), _PLAIN_COLUMNS),
            of("review", N_("To review"), _PLAIN_COLUMNS),
            of("runs", N_("Collection runs"), _RUN_COLUMNS, ("source", "verdict")),
            of("missing", N_("Not seen any more"), DEVICE_COLUMNS, _FACETS),
            of("ports", N_("Ports"), _PLAIN_COLUMNS),
            of("records", N_("Source records"), _PLAIN_COLUMNS),
        )

    def keys(self, view: str, query: Query) -> Sequence[Key]:
        self._called("keys")
        found = self._found(view, query)
        rows = self.data[view]
        if query.sort is not None:
            key = query.sort
            found = sorted(found, key=lambda n: sort_key(str(rows[n][key] or "")), reverse=query.descending)
        return [n + 1 for n in found[: query.limit]]

    def rows(self, view: str, keys: Sequence[Key]) -> list[Row]:
        self._called("rows")
        self.rows_read += len(keys)
        return [self.data[view][int(key) - 1] for key in keys if key not in self.deleted]

    def facets(self, view: str, query: Query, column: str) -> list[tuple[str | None, int]]:
        self._called("facets")
        rows = self.data[view]
        counts = Counter(rows[n][column] for n in self._found(view, query))
        return [(None if value is None else str(value), n) for value, n in counts.most_common()]

    def device(self, device_id: int) -> DevicePage:
        self._called("device")
        if not 1 <= device_id <= len(self.data["devices"]):
            raise NotFound(f"There is no device D{device_id:06d}.")
        return device_page(device_id, self.data["devices"][device_id - 1], self.hostile)

    def find(self, text: str) -> int:
        self._called("find")
        hits = [n for n, row in enumerate(self.data["devices"], 1) if text in (row["serial"], row["imei"], row["id"])]
        if len(hits) > 1:
            raise Ambiguous(f"{len(hits)} devices answer to {text}.")
        if not hits:
            raise NotFound(f"No device has {text} as serial number, IMEI, asset tag or reference.")
        return hits[0]

    def add(self, row: dict[str, object]) -> None:
        """One more device."""
        self.data["devices"].append(row)
        self.forget()

    def forget(self) -> None:
        """The rows were changed from outside."""
        self._text.clear()

    def _found(self, view: str, query: Query) -> list[int]:
        rows = self.data[view]
        if view not in self._text:
            self._text[view] = [fold(" ".join(str(value) for value in row.values() if value)) for row in rows]
        words = fold(query.search).split()
        wanted: dict[str, set[str]] = {}
        for key, value in query.where:
            wanted.setdefault(key, set()).add(value)
        return [
            n
            for n, text in enumerate(self._text[view])
            if all(word in text for word in words)
            and all(str(rows[n][key] if rows[n][key] is not None else "") in values for key, values in wanted.items())
        ]

    def _called(self, what: str) -> None:
        self.calls[what] += 1
        if self.gate is not None:
            self.gate.wait()
        if self.trouble is not None:
            raise self.trouble


def place_of(row: dict[str, object]) -> int:
    """Where the row stands among the devices."""
    return int(str(row["id"])[1:]) - 1


def device_page(device_id: int, row: dict[str, object], hostile: Sequence[str]) -> DevicePage:
    """A page with something in every section."""
    losers = (Claim("PF-OLD-0001", "leases", "sheet", "r17", NOW - timedelta(days=90)),)
    fields = tuple(
        FieldLine(
            column.key, column.label, value, "intune", N_("only source"), losers if column.key == "serial" else ()
        )
        for column in DEVICE_COLUMNS
        if (value := row[column.key]) is not None and column.key not in ("id", "sources", "managed_by", "last_seen")
    )
    texts = tuple(hostile)
    fields += tuple(
        FieldLine(f"x{n}", text, text, text, text, (Claim(text, text, "sheet", text, None),), Word(text, text, NOW))
        for n, text in enumerate(texts)
    )
    records = (
        RecordLine("intune", "intune", "3b7e-" + str(device_id), "serial number", NOW - timedelta(days=400), NOW, None,
                   {"deviceName": row["name"], "totalStorage": 256_060_514_304, **{t: t for t in texts}}, {"freeStorage": 17}),
        RecordLine("leases", "sheet", "r17", "serial number", NOW - timedelta(days=90), NOW - timedelta(days=3), NOW, {}, {}),
    )  # fmt: skip
    changes = (("state", "in_stock", "in_use"), ("holder", None, "Aino Mäkelä"), ("os_version", "10.0.1", "10.0.2"))
    history = tuple(
        ChangeLine(NOW - timedelta(days=n), field, old, new, "intune", f"R{n:06d}")
        for n, (field, old, new) in enumerate((*changes, *((t, t, t) for t in texts)), 1)
    )
    contracts = (
        ContractLine("C000012", "LS-2024-118", "lease", "3 Step IT", date(2024, 8, 1), date(2027, 7, 31), 1250),
    )
    ports = (
        Port("GigabitEthernet1/0/1", 1, "Luokka 204", 6, 10**9, "up", "up"),
        Port("GigabitEthernet1/0/2", 2, texts[0] if texts else None, 6, 10**8, "up", "down"),
    )
    identifiers = (("serial", str(row["serial"])), ("mac", "00:1a:2b:3c:4d:5e"), *(("serial", t) for t in texts))
    reviews = ("Two devices claim this serial number: D000007 and D000019.", *texts)
    return DevicePage(device_id, str(row["id"]), fields, identifiers, records, history, contracts, ports, reviews)
