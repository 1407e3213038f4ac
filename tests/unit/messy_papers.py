"""Troubles of a messy city that people type: sheets, scans, wrong columns, words where a number belongs."""

from messy_city import City


def zeros_lost(city: City) -> None:
    """A sheet has eaten the leading zeros; another maker's device has the serial that is left."""
    tail = city.code("######")
    one, other = city.make("printer"), city.make("laptop")
    one.serial, other.serial = f"00{tail}", tail
    other.maker = "Dell"
    city.snmp(one)
    city.intune(other)
    city.sheet(one, "purchases", "manufacturer", "asset_tag", serial=tail, doubt=True)
    city.sheet(other, "leases", "serial", "manufacturer")


def science(city: City) -> None:
    """A sheet shows long numbers as 3.57E+14: serial and IMEI of many rows are one text."""
    for _ in range(city.dice.randint(3, 12)):
        device = city.make("phone")
        device.serial = city.code("22%%%%%%%%%#")
        city.intune(device)
        city.sheet(device, "inventory", "asset_tag", "manufacturer", serial="2.20123E+11", imei="3.57E+14", doubt=True)


def typed_wrong(city: City) -> None:
    """O for 0, I for 1, a letter missing: nobody's serial."""
    device = city.make("laptop")
    city.intune(device)
    place = city.dice.randrange(2, len(device.serial))
    wrong = device.serial[:place] + city.dice.choice(("O", "I", "S", "B", "")) + device.serial[place + 1 :]
    city.sheet(device, "purchases", "manufacturer", "model", serial=wrong, doubt=True)


def typed_into_a_neighbour(city: City) -> None:
    """A row has the neighbour's serial and its own device's IMEI."""
    one, other = city.make("phone"), city.make("phone")
    about = [city.intune(one), city.intune(other), city.sheet(one, "purchases", "serial", "imei", doubt=True)]
    about.append(city.sheet(other, "purchases", "imei", "imei2", "asset_tag", serial=one.serial, doubt=True))
    city.ask(*about)


def scanned(city: City) -> None:
    """Bar codes hold more than the serial: Apple's S, Lenovo's 1S and machine type."""
    device = city.make(city.dice.choice(("phone", "laptop")))
    city.intune(device)
    prefix = "S" if device.kind == "phone" else "1S21HES0EX00"
    city.sheet(device, "purchases", "manufacturer", serial=prefix + device.serial, doubt=True)


def dash_dropped(city: City) -> None:
    """A serial with a dash, written without."""
    device = city.make("laptop")
    device.serial = city.code("DSE@-######")
    city.intune(device)
    city.sheet(device, "inventory", "name", serial=device.serial.replace("-", ""), doubt=True)


def reseller(city: City) -> None:
    """The seller stands where the maker belongs."""
    device = city.make("laptop")
    city.intune(device)
    city.sheet(device, "purchases", "serial", doubt=True, manufacturer=city.dice.choice(("Atea", "Dustin Finland Oy")))


def words_for_a_serial(city: City) -> None:
    """What people write where there is no number; a person reads it, in any of the city's languages."""
    word = city.dice.choice(
        ("ei tiedossa", "Puuttuu", "EI OLE", "tuntematon", "saknas", "Okänd", "ks. tarra", "missing", "see label")
    )
    for source in city.dice.sample(("purchases", "leases", "inventory", "inventory"), city.dice.randint(2, 4)):
        device = city.make(city.dice.choice(("laptop", "phone", "chromebook")))
        city.sheet(device, source, "asset_tag", "model", "name", serial=word, doubt=True)


def tag_for_a_serial(city: City) -> None:
    """The asset tag stands in the serial's column, and the tag was handed on to another phone, of which another sheet tells."""
    old, new = city.make("phone"), city.make("phone")
    for phone, source in ((old, "leases"), (new, "inventory")):
        city.intune(phone)
        city.sheet(phone, source, "imei", "imei2", "name", serial=old.tag, asset_tag=old.tag, doubt=True)


def sorted_apart(city: City) -> None:
    """One column of a sheet was sorted without the others: every serial beside another phone's IMEIs."""
    phones = [city.make("phone") for _ in range(city.dice.randint(2, 12))]
    for phone in phones:
        city.intune(phone)
    for phone, other in zip(phones, [*phones[1:], phones[0]], strict=True):
        row = city.sheet(
            phone,
            "leases",
            "serial",
            doubt=True,
            devices=(phone.number, other.number),
            imei=other.imei,
            imei2=other.imei2,
        )
        city.ask(row)


def invoiced_again(city: City) -> None:
    """A lease list names a device once for every quarter."""
    device = city.make(city.dice.choice(("laptop", "phone")))
    city.intune(device)
    for quarter in range(city.dice.randint(2, 9)):
        city.sheet(device, "leases", "serial", "imei", "asset_tag", "manufacturer", order_number=f"Q{quarter}")


def two_in_a_cell(city: City) -> None:
    """One row for two devices, and numbers with words around them."""
    one, other = city.make("laptop"), city.make("laptop")
    for laptop in (one, other):
        city.intune(laptop)
    city.sheet(
        one,
        "purchases",
        "manufacturer",
        doubt=True,
        devices=(one.number, other.number),
        serial=f"{one.serial}, {other.serial}",
    )
    city.sheet(other, "inventory", "name", doubt=True, serial=f"S/N: {other.serial}")


def label_and_system_differ(city: City) -> None:
    """An Android phone reports another serial than its label has; its IMEI is the same."""
    phone = city.make("phone")
    phone.imei2 = ""
    about = city.intune(phone, serialNumber=city.code("R#@#@@##@@"), doubt=True)
    city.ask(about, city.sheet(phone, "purchases", "serial", "imei", doubt=True))
