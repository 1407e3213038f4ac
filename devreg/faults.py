"""What is wrong in a settings file: every fault at once, with the nearest known key."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from devreg.errors import Misconfigured

M = TypeVar("M", bound=BaseModel)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong in the file."""

    key: str
    """Dotted: sources.intune.tenant_id."""
    problem: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}"


def validate(model: type[M], raw: Mapping[str, Any], prefix: str, faults: list[Fault]) -> M | None:
    """The raw table as `model`; None with faults added when it does not fit."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults.extend(
            _fault(model, raw, prefix, detail) for detail in error.errors(include_url=False, include_input=False)
        )
        return None


def refuse(path: Path, faults: Iterable[Fault]) -> Misconfigured:
    """The error that reports all faults of a file together."""
    lines = "\n".join(f"  {fault}" for fault in faults)
    return Misconfigured(f"{path} has faults:\n{lines}", next_step="\nMend them and run `devreg check`.")


def _fault(model: type[BaseModel], raw: Mapping[str, Any], prefix: str, detail: ErrorDetails) -> Fault:
    loc = [
        str(part)
        for part in detail["loc"]
        if not str(part).startswith(("function-", "constrained-", "tagged-", "[key]"))
    ]
    key = ".".join([*([prefix] if prefix else []), *loc])
    match detail["type"]:
        case "extra_forbidden":
            near = nearest(loc[-1], _keys_at(model, loc[:-1]))
            return Fault(key, "unknown key" + (f"; did you mean {near}?" if near else ""))
        case "missing":
            return Fault(key, "is missing")
        case "value_error":
            return Fault(key, str(detail["ctx"]["error"]))
        case _:
            return Fault(key, detail["msg"].removeprefix("Input should be ").strip())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, when one is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)), None)


def _keys_at(model: type[BaseModel], loc: list[str]) -> list[str]:
    """Names of the fields that may stand in the table at `loc`, as far as it is a plain settings class or a table of them."""
    current: type[BaseModel] | None = model
    for part in loc:
        if current is None:
            return []
        field = current.model_fields.get(part)
        if field is not None:
            current = _model_in(field.annotation)
    return list(current.model_fields) if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(arg) for arg in getattr(annotation, "__args__", ()))
    return next((found for found in inner if found is not None), None)
