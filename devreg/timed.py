"""Settings of what runs by itself: sources and reports."""

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from devreg.domain.schedule import Schedule, is_cron
from devreg.strict import Duration, Strict


def _cron(text: str) -> str:
    if not is_cron(text):
        raise ValueError('five fields as in a crontab, such as "15 6 * * 1-5"')
    return text


Cron = Annotated[str, AfterValidator(_cron)]


class Report(Strict):
    """A workbook that `collect --due` writes when its time has come, whole or not at all, in place of the one before."""

    report: Literal["equality", "inventory"]
    """Which one: equality, inventory."""
    out: str
    """The file, relative to devreg.toml; {date} stands for the day: reports/equality-{date}.xlsx."""
    lang: Literal["fi", "sv", "en", "all"] | None = None
    """fi, sv, en, or all (a file each); not set: the register's language."""
    every: Duration | None = None
    """Time between two of them: 7d. One of every and cron."""
    cron: Cron | None = None
    """When, as in a crontab, in the register's time zone: "0 6 * * 1" is Mondays at six."""

    @model_validator(mode="after")
    def _is_timed(self) -> "Report":
        if (self.every is None) == (self.cron is None):
            raise ValueError("set one of every and cron")
        if self.report == "inventory" and self.lang == "all":
            raise ValueError('the inventory is written in one language: lang = "fi", "sv" or "en"')
        return self

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        return Schedule(self.every, self.cron)
