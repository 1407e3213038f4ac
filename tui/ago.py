"""How long ago, or how soon, in words."""

from datetime import datetime, timedelta
from typing import Final

from devreg.i18n import Catalogue

_DAYS: Final = 60
"""After so many a date says more than their number."""


def ago(then: datetime | None, now: datetime, t: Catalogue) -> str:
    """`3 hours ago`; long ago the date; never when it is not known."""
    if then is None:
        return t("not known when")
    gone = now - then
    if gone < timedelta(minutes=1):
        return t("just now")
    if gone < timedelta(hours=1):
        return t.many("{n} minute ago", "{n} minutes ago", gone // timedelta(minutes=1))
    if gone < timedelta(days=2):
        return t.many("{n} hour ago", "{n} hours ago", gone // timedelta(hours=1))
    if gone < timedelta(days=_DAYS):
        return t.many("{n} day ago", "{n} days ago", gone // timedelta(days=1))
    return t.date(then)


def countdown(then: datetime, now: datetime) -> str:
    """`14:59` until then; hours before it where there are any."""
    left = max(timedelta(0), then - now)
    minutes, seconds = divmod(-(-left // timedelta(seconds=1)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
