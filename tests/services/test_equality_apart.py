"""What the equality report shows apart from pupils' devices is what the lists say, on both engines."""

from datetime import timedelta

from register_rig import browser, noon_today, page, row, run

from devreg.circulating import Calendar, Circulation
from devreg.domain.device import Kind
from devreg.domain.observation import Subject
from devreg.services.equality_apart import apart
from devreg.services.yardsticks import follow
from devreg.store.engine import Sessions


def test_phones_network_and_digilab_are_counted_as_the_lists_count_them(sessions: Sessions) -> None:
    now = noon_today()
    follow(sessions, Calendar(public_holidays=False, breaks={}), Circulation(), now)
    long_ago = now - timedelta(days=400)
    phone = {"kind": "phone", "state": "in_use", "manages": True}
    records = (
        row("a", Subject.UNIT, id="a", name_fi="A-koulu", kind="school", language="fi"),
        row("1", serial="SER1", as_of=long_ago, **phone),
        row("2", serial="SER2", as_of=now - timedelta(days=1), **phone),
        row("3", serial="SER3", kind="access_point", unit="a", state="in_use"),
        row("4", serial="SER4", kind="access_point", unit="a", state="disposed"),
        row("5", serial="SER5", kind="printer", state="in_use"),
        row("6", serial="SER6", kind="tablet", use="digilab", state="in_use"),
    )
    run(sessions, page(*records), now=now)
    found = apart(browser(sessions))
    assert found.idle == {True: 1, False: 1}
    assert found.network == {"A-koulu": {Kind.ACCESS_POINT: 1}, None: {Kind.PRINTER: 1}}
    assert found.digilab == {"tablet": 1}
    assert found.phones.phones == 2
    assert (found.leases, found.quarters) == ([], [])
    assert sum(int(str(line["in_use"])) for line in found.spares if line["scope"] == "city") == 2
