"""The managing account of a Google console: never the reading one, and only what it was delegated (safety.md 36)."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from acting_rig import manager, managing_account
from collector_rig import CUSTOMERS

from collectors.actions.google_account import CHROMEBOOKS, COMPANY_PHONES, PHONES
from devreg.demo.google import Google
from devreg.demo.server import Fault
from devreg.demo.tls import write_private
from devreg.errors import Misconfigured, Refused, Retryable
from devreg.ports import Severity


def test_the_managing_account_acts_and_is_nobodys_own_sign_in(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path)
    account = manager(google_service, tmp_path)
    signed_in = account.sign_in(None)
    assert signed_in.name is None
    for scope in (CHROMEBOOKS, PHONES, COMPANY_PHONES):
        token = google_service.login.token(account.bearer(scope).get_secret_value())
        assert token is not None
        assert token.scopes == {f"https://www.googleapis.com/auth/{scope}"}


def test_a_fresh_sign_in_asks_google_again(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path)
    account = manager(google_service, tmp_path)
    account.sign_in(None)
    account.sign_in(None)
    assert len(google_service.ledger) == 1
    account.sign_in(timedelta(minutes=15))
    assert len(google_service.ledger) == 2


def test_the_key_that_reads_never_acts_whatever_its_file_is_called(google_service: Google, tmp_path: Path) -> None:
    reading = google_service.account("chrome-city")
    reading.delegated[CUSTOMERS["chrome-city"]] = (CHROMEBOOKS,)
    write_private(tmp_path / "copy.json", (tmp_path / "chrome-city.json").read_bytes())
    account = manager(google_service, tmp_path, key="copy.json")
    for ask in (lambda: account.sign_in(None), lambda: account.bearer(CHROMEBOOKS)):
        with pytest.raises(Misconfigured, match="the same service account as the key that reads") as caught:
            ask()
    assert "actions.chrome-city" in caught.value.next_step
    assert google_service.ledger == []
    (finding,) = account.check()
    assert (finding.severity, "same service account" in finding.what) == (Severity.FAULT, True)


def test_a_second_key_of_the_same_account_is_that_account(google_service: Google, tmp_path: Path) -> None:
    told = json.loads((tmp_path / "chrome-city.json").read_text())
    write_private(tmp_path / "second.json", json.dumps(told | {"private_key_id": "another"}).encode())
    with pytest.raises(Misconfigured, match="the same service account"):
        manager(google_service, tmp_path, key="second.json").sign_in(None)


def test_who_acts_need_not_be_able_to_read_the_reading_key(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path)
    (tmp_path / "chrome-city.json").unlink()
    assert manager(google_service, tmp_path).sign_in(None).name is None


@pytest.mark.parametrize("content", [b"{}", b"[]", b"no json", b'{"client_email": null}'])
def test_a_key_that_is_none_is_told_with_where_it_is_named(
    google_service: Google, tmp_path: Path, content: bytes
) -> None:
    write_private(tmp_path / "manage.json", content)
    with pytest.raises(Misconfigured, match="no service account's JSON key") as caught:
        manager(google_service, tmp_path).sign_in(None)
    assert "actions.chrome-city.key names it" in caught.value.next_step


def test_a_key_that_others_can_read_is_refused(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path)
    (tmp_path / "manage.json").chmod(0o644)
    with pytest.raises(Misconfigured, match="can be read by others"):
        manager(google_service, tmp_path).sign_in(None)


def test_check_names_scopes_that_are_missing_for_what_the_source_reads(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path, (CHROMEBOOKS,))
    (fine,) = manager(google_service, tmp_path).check()
    assert fine.severity is Severity.OK
    (less,) = manager(google_service, tmp_path, company_phones=True, personal_phones=True).check()
    assert less.severity is Severity.FAULT
    assert f"auth/{PHONES}, https://www.googleapis.com/auth/{COMPANY_PHONES} is not delegated" in less.what
    assert CHROMEBOOKS not in less.what


def test_what_is_not_delegated_does_not_act(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path, (PHONES,))
    with pytest.raises(Refused, match="not allowed there, or not for all of the scopes"):
        manager(google_service, tmp_path).sign_in(None)


def test_an_account_that_acts_on_phones_alone_may_begin(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path, (COMPANY_PHONES,))
    account = manager(google_service, tmp_path, company_phones=True)
    assert account.sign_in(None).name is None
    with pytest.raises(Refused, match="not for all of the scopes"):
        account.bearer(CHROMEBOOKS)


def test_trouble_of_googles_token_service_is_told_as_what_it_is(google_service: Google, tmp_path: Path) -> None:
    managing_account(google_service, tmp_path)
    google_service.faults.append(Fault(path_contains="/token", status=503, times=10))
    with pytest.raises(Retryable):
        manager(google_service, tmp_path).sign_in(None)


def test_no_token_and_no_key_is_shown_anywhere(
    google_service: Google, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    managing_account(google_service, tmp_path)
    account = manager(google_service, tmp_path)
    bearer = account.bearer(CHROMEBOOKS)
    secret = json.loads((tmp_path / "manage.json").read_text())["private_key"].splitlines()[1]
    shown = repr(bearer) + str(bearer) + repr(account) + caplog.text + "".join(capfd.readouterr())
    assert bearer.get_secret_value().removeprefix("Bearer ") not in shown
    assert secret not in shown
