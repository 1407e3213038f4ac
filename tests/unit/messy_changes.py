"""Troubles of a messy city that come with time: hardware changed, devices enrolled or bought again, labels handed on."""

from messy_city import CONSOLES, City

# -- hardware that changes ----------------------------------------------------------------------------------------------------


def board_changed(city: City) -> None:
    """A new mainboard: the same record, another serial."""
    laptop = city.make("laptop")
    record, new = city.guid(), city.code("PF#@#@@#")
    city.sheet(laptop, "purchases", "serial", "manufacturer")
    city.intune(laptop, native_id=record, days=400)
    city.ask(city.intune(laptop, native_id=record, days=400, serialNumber=new, doubt=True))


def boards_exchanged(city: City) -> None:
    """Two laptops came back from repair with each other's boards. Papers may follow the case or the board, the laptops stay two."""
    one, other = city.make("laptop"), city.make("laptop")
    one.maker, one.model = other.maker, other.model
    both, records = {one.number, other.number}, (city.guid(), city.guid())
    for laptop in (one, other):
        city.sheet(laptop, "purchases", "serial", "manufacturer", devices=both)
    for laptop, serial, record in ((one, other.serial, records[0]), (other, one.serial, records[1])):
        city.intune(laptop, native_id=record)
        city.ask(city.intune(laptop, native_id=record, serialNumber=serial, doubt=True))


def board_reused(city: City) -> None:
    """A board out of one laptop runs on in another, and the first has a new one."""
    giver, taker = city.make("laptop"), city.make("laptop")
    giver.maker, giver.model = taker.maker, taker.model
    both, records = {giver.number, taker.number}, (city.guid(), city.guid())
    for laptop in (giver, taker):
        city.sheet(laptop, "purchases", "serial", devices=both if laptop is giver else ())
    city.intune(giver, native_id=records[0])
    city.intune(taker, native_id=records[1])
    city.ask(city.intune(giver, native_id=records[0], serialNumber=city.code("PF#@#@@#"), doubt=True))
    city.ask(city.intune(taker, native_id=records[1], serialNumber=giver.serial, doubt=True))


def serial_lost(city: City) -> None:
    """A record that no longer says its serial."""
    laptop, record = city.make("laptop"), city.guid()
    city.sheet(laptop, "purchases", "serial", "manufacturer")
    city.intune(laptop, native_id=record)
    city.intune(laptop, native_id=record, serialNumber=city.dice.choice(("", "0", "Default string")))


# -- devices that come again --------------------------------------------------------------------------------------------------


def enrolled_again(city: City) -> None:
    """Every enrolment a new record, the old ones still listed; phones show another random address, or the other IMEI."""
    device = city.make(city.dice.choice(("phone", "laptop", "tablet")))
    is_tidied = city.dice.random() < 0.4
    for turn in range(city.dice.randint(2, 5), 0, -1):
        wifi = city.random_mac() if device.kind != "laptop" else device.wifi
        record = city.intune(device, days=turn * 100, synced=max(0, turn * 100 - 95), wiFiMacAddress=wifi)
        if is_tidied and turn > 1:
            city.drop(record)
    city.papers(device, ("purchases", "serial", "manufacturer"), ("inventory", "serial", "asset_tag"))


def moved_between_consoles(city: City) -> None:
    """A Chromebook handed on, once or twice, deprovisioned where it was."""
    book = city.make("chromebook")
    consoles = city.dice.sample(CONSOLES, city.dice.randint(2, 3))
    for place, console in enumerate(consoles):
        last = place == len(consoles) - 1
        status, synced = ("ACTIVE", 0) if last else ("DEPROVISIONED", 600 - 300 * place)
        city.console(book, console, status, days=900 - 300 * place, synced=synced)
    city.papers(book, ("purchases", "serial", "manufacturer"))


def live_in_two_consoles(city: City) -> None:
    """Nobody deprovisioned it."""
    book = city.make("chromebook")
    city.ask(city.console(book, "school", days=700, synced=400), city.console(book, "upper", days=300))


def two_tenants(city: City) -> None:
    """Two tenants hold one laptop."""
    laptop = city.make("laptop")
    city.ask(city.intune(laptop), city.intune(laptop, source="intune-edu", days=30))


def flexed(city: City) -> None:
    """An old laptop gets ChromeOS Flex; Intune still lists what it was."""
    laptop = city.make("laptop")
    city.intune(laptop, days=900, synced=200)
    city.console(laptop, days=199, chromeOsType="chromeOsFlex")


def card_moved(city: City) -> None:
    """The Wi-Fi card of a scrapped laptop works on in another; a list by address may mean either."""
    old, new = city.make("laptop"), city.make("laptop")
    city.intune(old, days=900, synced=300, managementState="retireIssued")
    city.sheet(old, "purchases", "serial", "manufacturer")
    new.wifi = old.wifi
    city.intune(new, days=100)
    city.sheet(new, "inventory", "mac", "name", doubt=True, devices=(old.number, new.number))


def before_first_boot(city: City) -> None:
    """Papers by serial, papers by IMEI, and long after them the enrolment that has both."""
    phone = city.make("phone")
    city.sheet(phone, "purchases", "serial", "manufacturer")
    city.sheet(phone, "corporate ids", "imei")
    city.sheet(phone, "leases", "imei", "imei2")
    city.intune(phone, days=1)


def bought_again(city: City) -> None:
    """Sold, refurbished and bought back: two purchases of one serial."""
    laptop = city.make("laptop")
    city.intune(laptop, days=900, synced=600, managementState="retireIssued", doubt=True)
    city.sheet(laptop, "purchases", "serial", "manufacturer", doubt=True)
    city.sheet(laptop, "purchases", "serial", "manufacturer", asset_tag=f"REF-{laptop.number}", doubt=True)
    city.intune(laptop, days=100, doubt=True)


# -- labels that people hand on -----------------------------------------------------------------------------------------------


def label_handed_on(city: City) -> None:
    """Tag, name, holder, number and SIM card of the old phone are those of the new one."""
    old, new = city.make("phone"), city.make("phone")
    new.tag, new.name, new.holder = old.tag, old.name, old.holder
    number = city.code("+35850######")
    for phone in (old, new):
        city.intune(phone, phoneNumber=number)
        city.sheet(phone, "leases", "imei", "asset_tag", "name", "holder", phone_number=number)
    city.sheet(new, "inventory", "asset_tag", "name", "holder", doubt=True, devices=(old.number, new.number))


def stack(city: City) -> None:
    """Members of one stack under one address; the last may give no serial."""
    base = city.mac()
    members = [city.make("switch") for _ in range(city.dice.randint(2, 5))]
    for position, member in enumerate(members, 1):
        member.maker, member.model = members[0].maker, members[0].model
        silent = position == len(members) and city.dice.random() < 0.3
        said = {"serial": "", "native_id": f"target:{base}#{position}", "doubt": True} if silent else {}
        city.snmp(member, position, mac=base, **said)
        city.papers(member, ("purchases", "serial"))


def imei_of_a_batch(city: City) -> None:
    """Cheap tablets that were all given one IMEI."""
    imei, about = city.imei(), []
    for _ in range(city.dice.randint(2, 9)):
        tablet = city.make("tablet")
        tablet.imei = ""
        about.append(city.intune(tablet, imei=imei, meid=imei[:14]))
        city.papers(tablet, ("purchases", "serial"))
    city.ask(*about)


def imei_in_the_other_field(city: City) -> None:
    """The IMEI stands where the MEID belongs, and nothing else identifies the phone."""
    phone = city.make("phone")
    city.intune(phone, imei="", meid=phone.imei[:14], serialNumber="", wiFiMacAddress="")
    city.sheet(phone, "leases", "imei")


def nameless(city: City) -> None:
    """A private phone with a work profile tells neither serial nor IMEI, and enrols again and again."""
    phone = city.make("phone")
    for days in (300, 20):
        city.intune(phone, days=days, imei="", meid="", serialNumber="", wiFiMacAddress="020000000000", doubt=True)


def typed_by_hand(city: City) -> None:
    """Somebody added it before its tool knew it."""
    device = city.make(city.dice.choice(("laptop", "switch")))
    city.hand(device, serial=city.written(device.serial), asset_tag=device.tag, name=device.name)
    _ = city.snmp(device) if device.kind == "switch" else city.intune(device)
