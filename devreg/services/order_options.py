"""What is said along with an order is looked at before anything is written."""

from collections.abc import Mapping
from typing import Final

from devreg.domain.order_options import FLAG, options_of
from devreg.domain.platforms import Mode, RemoteAct
from devreg.errors import Misconfigured

_LONGEST: Final = 500
_KEEPING: Final = ("keep_user_data", "keep_enrolment")


def demand(act: RemoteAct, mode: Mode, said: Mapping[str, str]) -> None:
    """Raises Misconfigured where such an order takes no such option, or not with this value, or not together with another."""
    known = {option.name: option for option in options_of(act, mode)}
    for name, value in said.items():
        if name not in known:
            there = ", ".join(known) or "–"
            raise Misconfigured(f"{name!r} is no option of {act} for such a device.", next_step=f"There are: {there}.")
        choices = known[name].choices
        if choices and value not in choices:
            there = ", ".join(FLAG if choices == FLAG else choices)
            raise Misconfigured(f"{name} can't be {value!r}.", next_step=f"There are: {there}.")
        if len(value) > _LONGEST:
            raise Misconfigured(f"{name} is too long.", next_step=f"Take at most {_LONGEST} characters.")
    missing = [name for name, option in known.items() if option.is_needed and name not in said]
    if missing:
        choices = known[missing[0]].choices
        raise Misconfigured(
            f"{act} needs to be told {missing[0]}.",
            next_step=f"Say it: --option {missing[0]}=…, of {', '.join(choices)}.",
        )
    if said.get("protected") == "true" and any(said.get(name) == "true" for name in _KEEPING):
        raise Misconfigured("A protected wipe keeps neither files nor enrolment.", next_step="Choose one of both.")
    if act is RemoteAct.LOST_MODE and mode is Mode.IOS_SUPERVISED and not (said.get("message") or said.get("phone")):
        raise Misconfigured(
            "Lost mode needs something to show to who finds it.", next_step="Give a message or a phone number."
        )
