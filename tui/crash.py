"""What is printed when the program itself is wrong."""

from pathlib import Path

from devreg.i18n import Catalogue
from tui.loader import sentence


def last_words(error: BaseException | None, t: Catalogue) -> str:
    """One line: the kind of error and where it arose; no message of a foreign error and no variable (safety.md 41)."""
    where = ""
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return t(
        "devreg stopped: {error} ({where}). Nothing was changed; please report this line.",
        error=sentence(error, t),
        where=where,
    )
