"""Settings of an SNMP source: targets, exclusions, credential sets."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from snmp_rig import Gathered, collector, login, secret

from collectors.sheet import SheetOptions
from collectors.snmp import SnmpOptions
from collectors.snmp.collector import SILENT
from devreg.domain.job import Job
from devreg.domain.schedule import Schedule
from devreg.errors import Misconfigured
from devreg.ports import Severity


def options(*ranges: dict[str, Any], **more: Any) -> SnmpOptions:
    return SnmpOptions.model_validate({"kind": "snmp", "ranges": [{"credentials": ["a"], **r} for r in ranges], **more})


def labels(*ranges: dict[str, Any]) -> list[str]:
    return [target.label for target in options(*ranges).targets()]


def test_a_network_is_its_hosts_without_network_and_broadcast_address_and_without_the_excluded() -> None:
    assert labels({"targets": ["10.20.0.0/29"], "exclude": ["10.20.0.1", "10.20.0.4/31"]}) == [
        "10.20.0.2",
        "10.20.0.3",
        "10.20.0.6",
    ]


def test_targets_are_networks_hosts_and_hosts_with_a_port() -> None:
    written = [
        "core-1.example",
        "core-2.example:1161",
        "10.0.0.9",
        "127.0.0.1:16100",
        "2001:db8::7",
        "[2001:db8::8]:1161",
    ]
    assert labels({"targets": written}) == written


def test_an_address_in_two_ranges_belongs_to_the_first() -> None:
    ranges = (
        {"targets": ["10.0.0.9"], "credentials": ["first"]},
        {"targets": ["10.0.0.8/30"], "credentials": ["second"]},
    )
    assert [(t.label, t.credentials) for t in options(*ranges).targets()] == [
        ("10.0.0.9", ("first",)),
        ("10.0.0.10", ("second",)),
    ]


def test_only_what_is_written_out_is_missed_when_silent() -> None:
    assert [target.named for target in options({"targets": ["10.0.0.9", "10.0.1.0/30"]}).targets()] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("target", ["10.0.0.0/33", "10.0.0", "host:0", "host:99999", "host:snmp", "", "a/b"])
def test_a_target_that_is_none_is_refused_saying_what_is_allowed(target: str) -> None:
    with pytest.raises(ValidationError, match="is no network"):
        options({"targets": [target]})


def test_a_range_too_large_to_ask_is_refused() -> None:
    with pytest.raises(ValidationError, match="at most 65536"):
        options({"targets": ["10.0.0.0/8"]})


def test_the_schedule_of_the_four_jobs_is_accepted() -> None:
    assert options({"targets": []}, every={"probe": "1d", "inventory": "6h", "location": "30m", "load": "5m"}).every


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"version": "3", "auth": {"protocol": "SHA-1", "key": {"file": "u-auth"}}},
            "snmp.main.auth.protocol is 'SHA-1'",
        ),
        ({"priv": {"protocol": "AES", "key": {"file": "u-priv"}}}, "AES-128"),
        ({"auth": {"protocol": "SHA", "key": {"file": "short"}}}, "shorter than 8 characters"),
        ({"auth": {"protocol": "SHA", "key": {"file": "nowhere"}}}, "can't be read"),
    ],
)
def test_a_credential_set_that_is_not_whole_is_a_fault_before_anything_is_asked(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    secret(tmp_path, "short", "1234567")
    reader = collector(
        tmp_path, ["127.0.0.1:9"], snmp={"main": login(tmp_path, "u", "long-enough", "long-enough") | changed}
    )
    with pytest.raises(Misconfigured) as caught:
        list(reader.pages(None))
    assert said in str(caught.value)
    (finding,) = reader.check()
    assert finding.severity is Severity.FAULT


def test_a_set_that_a_range_names_and_nobody_defined_is_a_fault_with_the_nearest_name(tmp_path: Path) -> None:
    snmp = {"main-v3": login(tmp_path, "u", "long-enough", "long-enough")}
    reader = collector(tmp_path, [], snmp=snmp, ranges=[{"targets": ["127.0.0.1:9"], "credentials": ["main-v2"]}])
    with pytest.raises(Misconfigured, match="Did you mean main-v3"):
        list(reader.pages(None))


def test_secrets_never_show_in_what_is_printed(tmp_path: Path) -> None:
    from collectors.snmp.access import unlock

    reader = collector(
        tmp_path, ["127.0.0.1:9"], snmp={"main": login(tmp_path, "u", "auth-key-canary", "priv-key-canary")}
    )
    ready = unlock("network", ["main"], reader._loaded)
    assert "canary" not in repr(ready)
    assert "canary" not in repr(ready["main"].logins)


def test_an_address_of_a_network_where_nobody_answers_is_silent_and_not_gone(tmp_path: Path) -> None:
    run = Gathered(collector(tmp_path, ["127.99.99.0/30"], timeout_s=0.2, retries=0))
    assert run.records == []
    assert run.failed == {"127.99.99.1": SILENT, "127.99.99.2": SILENT}


def test_a_name_that_is_not_known_says_so(tmp_path: Path) -> None:
    run = Gathered(collector(tmp_path, ["no-such-host.invalid"], timeout_s=0.2))
    assert "name no-such-host.invalid is not known here" in run.failed["no-such-host.invalid"]


def test_each_job_may_have_a_pace_of_its_own_in_the_order_they_are_done() -> None:
    options = {"kind": "snmp", "ranges": [{"targets": ["10.0.0.1"], "credentials": ["main"]}]}
    paced = SnmpOptions.model_validate({**options, "every": {"load": "5m", "probe": "1d", "inventory": "6h"}})
    assert list(paced.schedules.items()) == [
        (Job.PROBE, Schedule(timedelta(days=1))), (Job.INVENTORY, Schedule(timedelta(hours=6))), (Job.LOAD, Schedule(timedelta(minutes=5))),
    ]  # fmt: skip
    assert SnmpOptions.model_validate({**options, "every": "1h"}).schedules == {None: Schedule(timedelta(hours=1))}
    assert SnmpOptions.model_validate(options).schedules == {None: Schedule()}
    with pytest.raises(ValidationError):
        SnmpOptions.model_validate({**options, "every": {"scan": "5m"}})


def test_a_job_may_have_times_of_a_cron_expression_beside_the_spans_of_others() -> None:
    options = {"kind": "snmp", "ranges": [{"targets": ["10.0.0.1"], "credentials": ["main"]}]}
    night = SnmpOptions.model_validate({**options, "every": {"load": "5m"}, "cron": {"inventory": "30 2 * * *"}})
    assert list(night.schedules.items()) == [
        (Job.INVENTORY, Schedule(cron="30 2 * * *")), (Job.LOAD, Schedule(timedelta(minutes=5))),
    ]  # fmt: skip
    only = SnmpOptions.model_validate({**options, "cron": {"location": "0 * * * *"}})
    assert only.schedules == {Job.LOCATION: Schedule(cron="0 * * * *")}


@pytest.mark.parametrize(
    ("timed", "said"),
    [
        ({"every": {"load": "5m"}, "cron": {"load": "0 * * * *"}}, "for load, not both"),
        ({"every": "5m", "cron": {"load": "0 * * * *"}}, "or one of them for each job"),
        ({"every": {"load": "5m"}, "cron": "0 * * * *"}, "or one of them for each job"),
        ({"every": "5m", "cron": "0 * * * *"}, "not both"),
        ({"cron": {"load": "every night"}}, "five fields"),
    ],
)
def test_a_job_with_no_time_or_two_is_refused_saying_which(timed: dict[str, Any], said: str) -> None:
    ranges = [{"targets": ["10.0.0.1"], "credentials": ["main"]}]
    with pytest.raises(ValidationError, match=said):
        SnmpOptions.model_validate({"kind": "snmp", "ranges": ranges, **timed})


def test_a_source_read_in_one_piece_has_no_jobs_to_time() -> None:
    with pytest.raises(ValidationError, match="only an snmp source has several jobs"):
        SheetOptions.model_validate(
            {"kind": "sheet", "path": "a.csv", "profile": "purchases", "cron": {"load": "0 * * * *"}}
        )
