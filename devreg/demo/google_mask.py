"""Google's partial responses: the `fields` parameter."""

import re
from typing import Any, Final

Mask = dict[str, "Mask"]
"""Name -> what to keep below it; an empty mask keeps everything."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_*]+|[(),/]")


def parse_mask(text: str) -> Mask:
    """`a,b(c,d/e)` as a mask. Raises ValueError when it is not well formed."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise ValueError(text)
    mask = _list(tokens)
    if tokens:
        raise ValueError(text)
    return mask


def apply_mask(document: Any, mask: Mask) -> Any:
    """Only what the mask names, lists element by element; absent names stay absent."""
    if not mask or "*" in mask:
        return document
    if isinstance(document, list):
        return [apply_mask(item, mask) for item in document]
    if not isinstance(document, dict):
        return document
    return {name: apply_mask(document[name], below) for name, below in mask.items() if name in document}


def _list(tokens: list[str]) -> Mask:
    mask: Mask = {}
    while True:
        name = _name(tokens)
        mask[name] = mask.get(name, {}) | _below(tokens)
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _below(tokens: list[str]) -> Mask:
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        name = _name(tokens)
        return {name: _below(tokens)}
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        mask = _list(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("missing )")
        return mask
    return {}


def _name(tokens: list[str]) -> str:
    if not tokens or tokens[0] in "(),/":
        raise ValueError("a name is missing")
    return tokens.pop(0)
