"""What a sanitisation record says, when there is none, and what of it people must say themselves."""

import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from intent_rig import HOLDER, PHONE, Office
from openpyxl import load_workbook
from register_rig import page, row, rows, run

from devreg.domain.action import Standing
from devreg.domain.device import State
from devreg.domain.lifecycle import Document, Paper
from devreg.domain.platforms import RemoteAct
from devreg.domain.sanitisation import Category, Verification
from devreg.errors import Conflict, Misconfigured, Refused
from devreg.i18n import Catalogue
from devreg.services import act, certificates, lifecycle
from devreg.services.certificates import Beside, Certificate
from devreg.store import intents, schema
from devreg.store.intents import Intent
from exports import certificate

FIELDS = (
    "Manufacturer", "Model", "Serial number", "Property number", "Media type", "Media source", "Confidentiality before",
    "Category (Clear, Purge, Destroy)", "Method", "Tool and version", "Confidentiality after", "Destination", "Verification method",
)  # fmt: skip
"""Of NIST SP 800-88r1 section 4.8; the six of a person follow, for sanitisation and for verification."""
OF_PERSON = ("Carried out or checked by", "Job title", "Date", "Location", "Contact", "Signature")
BESIDE = Beside("IT technician", "Town hall", "tel. 1234", None, "confidential", "public", "lessor")


def wiped(office: Office, kind: RemoteAct = RemoteAct.WIPE, **options: str) -> Intent:
    """A phone whose wipe the management system has confirmed."""
    return confirm(office, sent(office, office.ask(kind, options=options)))


def sent(office: Office, found: Intent) -> Intent:
    """Approved, or waited for, and sent."""
    if office.engine == "postgresql" and found.is_destructive:
        act.approve(*office.who("bertta"), found.id, reason=None, now=office.now())
    else:
        office.pass_time(timedelta(minutes=15))
    return act.send(*office.who("anna"), found.id, office.hand, office.brake, clock=office.now)


def confirm(office: Office, found: Intent) -> Intent:
    """As a reading of the management system does."""
    with office.who("timer")[0].write.begin() as session:
        said = "Intune says that the device has done it."
        return intents.move(session, found, Standing.CONFIRMED, by="timer", now=office.now(), said=said)


def drawn(office: Office, number: int = 1, **more: bool) -> Certificate:
    return certificates.drawn_up(office.owner, number, BESIDE, office.now(), **more)


def looked(office: Office, **more: object) -> Verification:
    said = {
        "person": "Eero Laine",
        "looked_on": office.now().date(),
        "method": "started, shows the first-use screen",
    } | more
    return certificates.verify(*office.who("anna"), 1, Verification(**said), now=office.now())  # type: ignore[arg-type]


def text_of(told: Certificate, folder: Path, language: str = "en") -> str:
    out = folder / f"record-{language}.txt"
    certificate.write(told, "0.1.0", out, Catalogue(language), "57:5f3a")
    return out.read_text(encoding="utf-8")


def test_a_record_has_every_field_of_the_standard_and_claims_no_look_at_the_device(
    office: Office, tmp_path: Path
) -> None:
    wiped(office)
    said = text_of(drawn(office), tmp_path)
    names = [line.split(":")[0] for line in said.splitlines() if ":" in line]
    assert [name for name in FIELDS if name not in names] == []
    assert [names.count(name) for name in OF_PERSON] == [2] * 6
    assert str(PHONE["serial"]) in said
    assert "anna@city.example" in said
    assert re.search(r"Verification method: +none", said)
    assert "not of the device: nobody has looked at it" in " ".join(said.split())
    for claim in ("Purge", "Destroy"):
        assert claim not in said.replace("Category (Clear, Purge, Destroy)", "")


def test_what_a_person_saw_stands_in_the_record_in_their_words(office: Office, tmp_path: Path) -> None:
    wiped(office)
    looked(office, category=Category.CLEAR, title="Service desk", place="Depot", contact="tel. 5678")
    said = text_of(drawn(office), tmp_path)
    assert "nobody has looked at it" not in " ".join(said.split())
    for words in (
        "Eero Laine",
        "started, shows the first-use screen",
        "Service desk",
        "Depot",
        "tel. 5678",
        "Destroy): Clear",
    ):
        assert words in said
    assert [(row["person"], row["category"]) for row in rows(office.owner, schema.verification)] == [
        ("Eero Laine", "clear")
    ]
    assert rows(office.owner, schema.verification)[0]["by"] == office.who("anna")[1].name


def test_of_two_looks_the_newest_counts_and_the_first_stays(office: Office) -> None:
    wiped(office)
    looked(office, method="by its screen")
    looked(office, method="by its storage, read out")
    told = drawn(office)
    assert told.verification is not None
    assert told.verification.method == "by its storage, read out"
    assert len(rows(office.owner, schema.verification)) == 2


def test_before_confirmation_there_is_no_record_only_one_of_an_order(office: Office, tmp_path: Path) -> None:
    found = office.ask(RemoteAct.WIPE)
    with pytest.raises(Refused, match="no confirmed wipe of a whole"):
        drawn(office)
    accepted = sent(office, found)
    with pytest.raises(Refused, match="no confirmed wipe of a whole"):
        drawn(office)
    said = text_of(drawn(office, order_only=True), tmp_path)
    assert "Record of an order A000001" in said
    assert "Sanitisation record" not in said
    confirm(office, accepted)
    assert "Sanitisation record A000001" in text_of(drawn(office), tmp_path)


@pytest.mark.parametrize("kind", [RemoteAct.DELETE, RemoteAct.LOCK])
def test_what_does_not_empty_the_whole_device_gives_no_record_and_nothing_to_verify(
    office: Office, kind: RemoteAct
) -> None:
    wiped(office, kind)
    with pytest.raises(Refused, match="no sanitisation record"):
        drawn(office)
    with pytest.raises(Conflict, match="nothing to verify"):
        looked(office)


@pytest.mark.parametrize("missing", ["serial", "operator", "date"])
def test_without_serial_operator_or_date_there_is_no_record(
    office: Office, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = wiped(office)
    nobody = {"sent_as": None, "requested_entra": None, "requested_by": ""}
    lacking = {
        "serial": msgspec.structs.replace(found, bound=msgspec.structs.replace(found.bound, serial=None)),
        "operator": msgspec.structs.replace(found, **nobody),  # type: ignore[arg-type]
        "date": msgspec.structs.replace(found, sending_at=None),
    }[missing]
    monkeypatch.setattr(intents, "find", lambda *_: lacking)  # the register itself can't be brought to say it
    with pytest.raises(Refused, match="lacks its serial number"):
        drawn(office)


def test_a_look_has_a_method_a_person_and_a_day_since_it_was_sent(office: Office) -> None:
    wiped(office)
    for wrong in (
        {"method": " "},
        {"person": ""},
        {"looked_on": date(2020, 1, 1)},
        {"looked_on": office.now().date() + timedelta(days=1)},
    ):
        with pytest.raises(Misconfigured):
            looked(office, **wrong)
    assert rows(office.owner, schema.verification) == []


def test_who_may_only_look_verifies_nothing_and_the_trail_says_so(office: Office) -> None:
    wiped(office)
    said = Verification("Eero Laine", office.now().date(), "seen")
    with pytest.raises(Refused, match="right to say that a wiped device was looked at"):
        certificates.verify(*office.who("viewer"), 1, said, now=office.now())
    assert rows(office.owner, schema.audit)[-1]["outcome"] == "refused"


def test_a_record_that_was_made_stands_in_the_trail_with_the_action(office: Office, tmp_path: Path) -> None:
    wiped(office)
    out = tmp_path / "record.txt"
    told = drawn(office)
    certificates.issue(
        *office.who("anna"), told, out.name, lambda: certificate.write(told, "0.1.0", out, Catalogue("en"), "")
    )
    last = rows(office.owner, schema.audit)[-1]
    assert (last["act"], last["about"], last["intent_id"]) == ("certificate", "D000001", 1)


def test_the_sheet_says_what_the_text_says(office: Office, tmp_path: Path) -> None:
    wiped(office)
    looked(office)
    told = drawn(office)
    for language in ("fi", "sv", "en"):
        text = text_of(told, tmp_path, language)
        out = tmp_path / f"record-{language}.xlsx"
        certificate.write(told, "0.1.0", out, Catalogue(language), "57:5f3a")
        cells = [str(cell.value) for line in load_workbook(out).active.iter_rows() for cell in line if cell.value]
        flat = " ".join(text.split())
        assert [cell for cell in cells if " ".join(cell.split()) not in flat and f"{cell}:" not in flat] == []


def disposed(office: Office, paper: str, device_id: int = 1) -> None:
    for state in (State.RETIRED, State.DISPOSED):
        papers = [Document(Paper.SANITISATION, paper)] if state is State.DISPOSED else []
        lifecycle.transition(*office.who("bertta"), device_id, state, reason="old", documents=papers, now=office.now())


def test_a_device_is_disposed_of_by_its_own_confirmed_wipe(office: Office) -> None:
    wiped(office)
    disposed(office, "A000001")
    assert rows(office.owner, schema.transition)[-1]["documents"] == "sanitisation=A000001"


@pytest.mark.parametrize("how", ["not confirmed", "not there", "of another"])
def test_a_wipe_that_is_not_confirmed_or_not_its_own_is_no_paper_for_disposal(office: Office, how: str) -> None:
    if how == "of another":
        wiped(office)
        other = row("m2", serial="R58N12ABCDF", kind="phone")
        run(office.owner, page(row("m1", **PHONE), HOLDER, other), now=office.now())
    elif how == "not confirmed":
        office.ask(RemoteAct.WIPE)
    with pytest.raises(Refused, match="no confirmed wipe of D00000"):
        disposed(office, "A000009" if how == "not there" else "A000001", 2 if how == "of another" else 1)


def test_a_paper_of_somebody_elses_own_numbering_is_taken_as_it_is(office: Office) -> None:
    disposed(office, "HEL 12/2026")
    assert rows(office.owner, schema.transition)[-1]["documents"] == "sanitisation=HEL 12/2026"
