"""Settings of what runs by itself: sources and reports."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, model_validator

from devreg.domain.job import Job
from devreg.domain.schedule import Schedule, is_cron
from devreg.strict import Duration, MailAddress, Strict


def _cron(text: str) -> str:
    if not is_cron(text):
        raise ValueError('five fields as in a crontab, such as "15 6 * * 1-5"')
    return text


Cron = Annotated[str, AfterValidator(_cron)]


MAILED: Final = ("equality", "circulation")
"""Reports that name no person."""


class Report(Strict):
    """A workbook that `collect --due` writes when its time has come, whole or not at all, in place of the one before."""

    report: Literal["equality", "phones", "circulation", "contracts", "inventory"]
    """Which one: equality, phones, circulation, contracts, inventory."""
    out: str
    """The file, relative to devreg.toml; {date} stands for the day: reports/equality-{date}.xlsx."""
    lang: Literal["fi", "sv", "en", "all"] | None = None
    """fi, sv, en, or all (a file each); not set: the register's language."""
    every: Duration | None = None
    """Time between two of them: 7d. One of every and cron."""
    cron: Cron | None = None
    """When, as in a crontab, in the register's time zone: "0 6 * * 1" is Mondays at six."""
    mail: tuple[MailAddress, ...] = ()
    """Who gets it by mail besides, from the server of [notify.mail]; only of equality and circulation, which name no person."""

    @model_validator(mode="after")
    def _is_timed(self) -> "Report":
        if (self.every is None) == (self.cron is None):
            raise ValueError("set one of every and cron")
        if self.report == "inventory" and self.lang == "all":
            raise ValueError('the inventory is written in one language: lang = "fi", "sv" or "en"')
        if self.mail and self.report not in MAILED:
            raise ValueError(f"{self.report} may name persons and does not go by mail; {' and '.join(MAILED)} do")
        return self

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        return Schedule(self.every, self.cron)


def job_schedules(
    jobs: Sequence[Job], every: timedelta | dict[Job, timedelta] | None, cron: str | dict[Job, str] | None
) -> dict[Job | None, Schedule]:
    """When a source does each of its jobs, in their order; None: all of them in one run. Raises ValueError when that is unclear."""
    if not isinstance(every, dict) and not isinstance(cron, dict):
        if every is not None and cron is not None:
            raise ValueError("set one of every and cron, not both")
        return {None: Schedule(every, cron)}
    if not jobs:
        raise ValueError(
            'every is one time span here, such as "6h", and cron one expression: only an snmp source has several jobs'
        )
    if isinstance(every, timedelta) or isinstance(cron, str):
        raise ValueError("set every or cron for all jobs at once, or one of them for each job")
    spans, times = every or {}, cron or {}
    if twice := spans.keys() & times.keys():
        raise ValueError(f"set one of every and cron for {', '.join(sorted(twice))}, not both")
    return {job: Schedule(spans.get(job), times.get(job)) for job in jobs if job in spans or job in times}
