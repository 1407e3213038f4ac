"""What `devreg check` finds about remote actions on this side: who could act, and whether what they do could be told."""

from collections.abc import Iterator, Mapping
from typing import Final

from devreg.domain.rights import RIGHTS, Right
from devreg.i18n import N_
from devreg.ports import Finding, Severity
from devreg.services import operating
from devreg.settings import Operator
from devreg.store.engine import Sessions

_HOW_TO_NAME: Final = N_(
    "Let an administrator name it: `devreg operator add USER --role ROLE --entra NAME`, or entra in [operators]."
)


def findings(sessions: Sessions, said: Mapping[str, Operator] | None, *, by_own_sign_in: bool) -> Iterator[Finding]:
    """Whether people are known by what they sign in with (where they do), and whether a second place keeps the audit trail."""
    if by_own_sign_in:
        yield _named(sessions, said)
    if sessions.outside.file is None:
        yield Finding(
            Severity.ADVICE,
            "no second place keeps the audit trail, so nothing can be wiped",
            "Name a file in [audit] file, best where who keeps the register can only append.",
        )


def _named(sessions: Sessions, said: Mapping[str, Operator] | None) -> Finding:
    acting = [user for user in operating.listed(sessions, said) if Right.ACT in RIGHTS[user.role]]
    nameless = [user.name for user in acting if user.entra is None and not user.stands_above]
    named = sum(user.entra is not None for user in acting)
    if not named:
        return Finding(
            Severity.FAULT, "nobody's sign-in name in Entra is known here, so nobody can act from afar", _HOW_TO_NAME
        )
    if nameless:
        return Finding(
            Severity.ADVICE,
            f"who these are in Entra is not known here, so they can't act from afar: {', '.join(nameless)}",
            _HOW_TO_NAME,
        )
    return Finding(Severity.OK, f"everybody who may act from afar is known by their name in Entra ({named})")
