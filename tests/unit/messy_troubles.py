"""What goes wrong in the registers of a city: families of trouble, each adding devices and records to a `City`."""

from collections.abc import Callable, Collection
from typing import Final

from messy_catalogue import KNOWN_FILLERS
from messy_changes import (
    before_first_boot,
    board_changed,
    board_reused,
    boards_exchanged,
    bought_again,
    card_moved,
    enrolled_again,
    flexed,
    imei_in_the_other_field,
    imei_of_a_batch,
    label_handed_on,
    live_in_two_consoles,
    moved_between_consoles,
    nameless,
    serial_lost,
    stack,
    two_tenants,
    typed_by_hand,
)
from messy_city import City, Device
from messy_papers import (
    dash_dropped,
    invoiced_again,
    label_and_system_differ,
    reseller,
    scanned,
    science,
    sorted_apart,
    tag_for_a_serial,
    two_in_a_cell,
    typed_into_a_neighbour,
    typed_wrong,
    words_for_a_serial,
    zeros_lost,
)


def messy_city(seed: int, size: int, without: Collection[str] = ()) -> City:
    """A city of about so many devices, a fifth of them in some trouble."""
    city = City(seed)
    families = [name for name in TROUBLES if name not in without]
    weights = [TROUBLES[name][1] for name in families]
    while len(city.devices) < size:
        if city.dice.random() < 0.9:
            city.family = "ordinary"
            ordinary(city)
        else:
            (city.family,) = city.dice.choices(families, weights)
            TROUBLES[city.family][0](city)
    return city


def ordinary(city: City) -> None:
    """A device as most are: its tool, its papers, none of them written alike."""
    kinds = ("phone", "laptop", "chromebook", "tablet", "desktop", "mini", "switch", "ap", "printer")
    (kind,) = city.dice.choices(kinds, (30, 25, 20, 8, 6, 3, 3, 3, 2))
    device = city.make(kind)
    match kind:
        case "phone" | "tablet":
            _phone(city, device)
        case "chromebook":
            city.console(device)
            city.papers(device, ("purchases", "serial", "manufacturer"), ("inventory", "serial", "asset_tag", "name"))
        case "mini":
            city.intune(device, serialNumber=city.dice.choice(KNOWN_FILLERS))
            city.papers(device, ("inventory", "mac", "name"), ("purchases", "manufacturer", "model", "asset_tag"))
        case "switch" | "ap" | "printer":
            city.snmp(device)
            city.papers(device, ("purchases", "serial"), ("inventory", "mac", "name"), ("leases", "serial", "mac"))
        case _:
            city.intune(device)
            city.papers(device, ("autopilot", "serial", "manufacturer", "model"), ("purchases", "serial", "asset_tag"),
                  ("leases", "serial", "manufacturer"), ("inventory", "mac", "name"), ("inventory", "serial", "mac"))  # fmt: skip


def _phone(city: City, device: Device) -> None:
    wifi = city.random_mac() if city.dice.random() < 0.4 else device.wifi
    if city.dice.random() < 0.8:
        city.intune(device, wiFiMacAddress=city.dice.choice((wifi, wifi.upper(), "020000000000", "")))
    city.papers(device, ("purchases", "serial", "imei", "manufacturer"), ("leases", "imei", "imei2", "serial"), ("leases", "imei", "imei2"),
          ("corporate ids", "imei"), ("corporate ids", "imei2"), ("corporate ids", "serial", "manufacturer", "model"))  # fmt: skip


# -- serial numbers that are none, or not one device's ------------------------------------------------------------------------


def fake_serial_of_a_batch(city: City) -> None:
    """Mini computers that all report the same made-up serial, in no list of placeholders; papers copy it or give the label's."""
    fake = city.code(city.dice.choice(("GK3PRO####", "MINIS12-@@##", "M5-####-001", "AZWSER####")))
    for _ in range(city.dice.randint(6, 60)):
        device = city.make("mini")
        device.serial = city.code("LB######")
        city.intune(device, serialNumber=fake)
        if city.dice.random() < 0.5:
            city.sheet(device, "purchases", "asset_tag", "model", serial=fake)
        if city.dice.random() < 0.5:
            city.sheet(device, "inventory", "serial", "mac", "name")


def fake_serial_of_a_few(city: City) -> None:
    """Two or three of them: no count gives it away, only that both live and have nothing else in common."""
    fake = city.code("NUC@@####")
    devices = [city.make("mini") for _ in range(city.dice.randint(2, 3))]
    about = [city.intune(device, serialNumber=fake, doubt=True) for device in devices]
    if city.dice.random() < 0.3:
        city.drop(about[0])
    else:
        city.ask(*about)


def fake_serial_of_a_few_without_addresses(city: City) -> None:
    """The same without any address: a re-enrolment falls silent when the next begins, these all spoke today."""
    fake = city.code("NUC@@####")
    for days in (900, 700, 500, 300)[: city.dice.randint(2, 4)]:
        city.intune(
            city.make("mini"), serialNumber=fake, wiFiMacAddress="", ethernetMacAddress=None, days=days, doubt=True
        )


def serial_of_two_makers(city: City) -> None:
    """A short serial that two makers have given out; papers without a maker fit both."""
    one, other = city.make("laptop"), city.make("desktop")
    one.serial = other.serial = city.code("##%%#@")
    one.maker, other.maker = "Lenovo", "HP"
    about = [city.intune(one), city.intune(other)]
    city.sheet(one, "purchases", "serial", "manufacturer")
    if city.dice.random() < 0.5:
        city.sheet(other, "leases", "serial", "manufacturer")
    if city.dice.random() < 0.5:
        about.append(city.sheet(other, "inventory", "serial", "name", doubt=True))
    city.ask(*about)


def serial_twice_of_one_maker(city: City) -> None:
    """The same maker, twice the same serial: other addresses or IMEIs, both live."""
    kind = city.dice.choice(("laptop", "phone"))
    one, other = city.make(kind), city.make(kind)
    one.maker, one.model, one.serial = other.maker, other.model, other.serial
    city.ask(*[city.intune(device, doubt=True) for device in (one, other)])
    for device in (one, other):
        if kind == "phone":
            city.sheet(device, "leases", "imei", "imei2")


# -- network addresses that wander --------------------------------------------------------------------------------------------


def dock(city: City) -> None:
    """A dock's address on every laptop that ever sat in it, and the dock's own papers."""
    address = city.mac("00e04c")
    for _ in range(city.dice.randint(2, 5)):
        laptop = city.make("laptop")
        city.intune(laptop, source=city.dice.choice(("intune", "intune", "intune-edu")), ethernetMacAddress=address)
        city.papers(laptop, ("purchases", "serial", "manufacturer"), ("inventory", "mac", "name"))
    itself = city.add(Device(len(city.devices) + 1, "dock", "Dell", "WD19", city.code("DK#@@##"), wired=address))
    if city.dice.random() < 0.5:
        city.sheet(itself, "purchases", "serial", "mac", "model", "manufacturer", "kind")
    else:
        about = city.sheet(itself, "inventory", "mac", "model", "kind", doubt=True)
        city.ask(about)


def dock_of_one(city: City) -> None:
    """A dock that has met one laptop only, and stands in a list with nothing but its address and what it is."""
    laptop, address = city.make("laptop"), city.mac("00e04c")
    city.intune(laptop, ethernetMacAddress=address)
    itself = city.add(Device(len(city.devices) + 1, "dock", "Targus", "DOCK171", "", wired=address))
    city.sheet(itself, "inventory", "mac", "model", "manufacturer", "kind", doubt=True)


def adapter_on_nameless(city: City) -> None:
    """An adapter handed between computers that have no serial, listed by two tenants."""
    address = city.mac("00e04c")
    for source in ("intune", "intune-edu", "intune")[: city.dice.randint(2, 3)]:
        mini = city.make("mini")
        mini.wired = ""
        city.intune(mini, source=source, serialNumber=city.dice.choice(KNOWN_FILLERS), ethernetMacAddress=address)
        city.papers(mini, ("inventory", "mac", "name"))


def loaners_on_docks(city: City) -> None:
    """Loaners enrolled anew for everyone who borrows them, each time in another of the same docks."""
    docks = [city.mac("00e04c") for _ in range(2)]
    for _ in range(city.dice.randint(2, 3)):
        laptop = city.make("laptop")
        for turn in range(city.dice.randint(2, 4), 0, -1):
            address = city.dice.choice(docks)
            city.intune(laptop, days=turn * 100, synced=max(0, turn * 100 - 95), ethernetMacAddress=address)
        city.papers(laptop, ("purchases", "serial", "manufacturer"), ("inventory", "mac", "name"))


def adapters_alike(city: City) -> None:
    """Cheap adapters that all have one address; and a host's own side of a virtual network."""
    address = city.dice.choice((city.mac("00e04c"), city.mac("00155d"), "005056c00008", "020054554e01"))
    for _ in range(city.dice.randint(3, 70)):
        device = city.make(city.dice.choice(("laptop", "desktop")))
        city.intune(device, ethernetMacAddress=address)
        city.papers(device, ("inventory", "mac", "name"), ("purchases", "serial"))


def clones(city: City) -> None:
    """Virtual machines cloned with their serial, some with their address too."""
    maker, model, serial = city.dice.choice((
        ("VMware, Inc.", "VMware7,1", "VMware-56 4d ^^ ^^ ^^ ^^ ^^ ^^-^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^"),
        ("Microsoft Corporation", "Virtual Machine", "####-####-%%%%-%%%%-%%%%-%%%%-##"),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "^^^^^^^^-^^^^-^^^^-^^^^-^^^^^^^^^^^^"),
    ))  # fmt: skip
    serial, address = city.code(serial), city.mac("000c29")
    about = []
    for _ in range(city.dice.randint(2, 6)):
        own = city.dice.choice((address, city.mac("000c29")))
        vm = city.add(Device(len(city.devices) + 1, "vm", maker, model, serial, wired=own, name="template"))
        about.append(city.intune(vm, doubt=True))
    if city.dice.random() < 0.3:
        city.drop(about.pop())
    if len(about) > 1:
        city.ask(*about)


TROUBLES: Final[dict[str, tuple[Callable[[City], None], float]]] = {
    function.__name__: (function, weight)
    for function, weight in (
        (fake_serial_of_a_batch, 0.3),
        (fake_serial_of_a_few, 1),
        (fake_serial_of_a_few_without_addresses, 1),
        (serial_of_two_makers, 2),
        (serial_twice_of_one_maker, 1),
        (zeros_lost, 2),
        (science, 0.5),
        (typed_wrong, 4),
        (typed_into_a_neighbour, 1),
        (scanned, 2),
        (dash_dropped, 1),
        (reseller, 1),
        (dock, 2),
        (dock_of_one, 1),
        (adapter_on_nameless, 1),
        (adapters_alike, 0.3),
        (loaners_on_docks, 1),
        (clones, 1),
        (board_changed, 2),
        (boards_exchanged, 1),
        (board_reused, 1),
        (serial_lost, 1),
        (enrolled_again, 6),
        (moved_between_consoles, 6),
        (live_in_two_consoles, 2),
        (before_first_boot, 4),
        (bought_again, 1),
        (label_handed_on, 4),
        (stack, 2),
        (imei_of_a_batch, 0.5),
        (imei_in_the_other_field, 1),
        (nameless, 2),
        (typed_by_hand, 2),
        (words_for_a_serial, 2),
        (tag_for_a_serial, 1),
        (sorted_apart, 0.5),
        (invoiced_again, 1),
        (two_in_a_cell, 1),
        (label_and_system_differ, 1),
        (two_tenants, 1),
        (flexed, 1),
        (card_moved, 1),
    )
}  # fmt: skip
"""Name -> how it is made, and how common it is among troubles."""
