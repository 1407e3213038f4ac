"""The texts the program shows, found in its source, and the catalogues that translate them.

Run as a program (`python tests/catalogues.py`) it takes new texts into the .po files, drops those no longer used and
writes the .mo files anew. What is left to do is to translate the empty entries; tests/test_catalogues.py names them.
"""

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.words import LABELS, REASONS, RIGHTS, ROLES
from devreg.i18n import LANGUAGES, SAID

ROOT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = ROOT / "devreg" / "locale"
PACKAGES: Final = ("devreg", "collectors", "tui", "exports")
SAYERS: Final = {
    "Retryable", "OutOfTime", "Refused", "Broken", "Misconfigured", "AlreadyRunning", "DatabaseUnavailable", "TakenBack", "NotFound",
    "Ambiguous", "Later",
    "Problem", "Finding", "FailedPart", "Rejected", "rejection", "Fault", "Judgement", "Review", "Outcome", "Page", "CredentialRefused",
    "NotDelegated", "ValueError", "told_plainly", "told_unless_done", "act", "ask", "Conflict", "Verdict",
    "Unreached", "Untrusted", "NotSent", "Unclear", "Accepted", "Trap", "Lack", "OrderOption",
}  # fmt: skip
"""What carries sentences that are written in English where they arise."""
_TEMPLATE_LETTERS: Final = 5
"""Letters a template needs beside its placeholders, else it would fit anything."""
_DATED: Final = datetime(2026, 11, 24, tzinfo=UTC)
"""What a .mo file says of its making: the same texts make the same file."""
_UNSAID: Final = re.compile(
    r'^"(Project-Id|Report-Msgid|POT-|PO-Rev|Last-Tr|Language-Team|Generated).*\n', re.MULTILINE
)
"""Lines of a catalogue's head that say nothing here, or change when no text does."""


class Text(NamedTuple):
    """One text of the program."""

    msgid: str
    plural: str = ""
    context: str | None = None
    """`devreg.i18n.SAID` for a sentence that is recognised by its pattern when it is shown."""


def used() -> set[Text]:
    """Every text that the program passes through the catalogue."""
    words = (*LABELS.values(), *REASONS, *ROLES.values(), *RIGHTS.values())
    found = {Text(text) for text in (*words, *(field.label for field in DEVICE_FIELDS.values()))}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            texts = _in_source(ast.parse(path.read_text(encoding="utf-8")))
            stand_in = (
                "demo" in path.relative_to(ROOT).parts
            )  # its errors go over the wire, in the language of the original
            found.update(text for text in texts if not (stand_in and text.context))
    return found - {Text("")}


def po_path(language: str) -> Path:
    """The file people translate."""
    return LOCALE / language / "LC_MESSAGES" / "devreg.po"


def mo_path(language: str) -> Path:
    """The file the program reads."""
    return po_path(language).with_suffix(".mo")


def load(language: str) -> Catalog:
    """The translations of a language; empty when there is no file yet."""
    path = po_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="devreg")


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    out = BytesIO()
    catalogue.creation_date = catalogue.revision_date = _DATED
    write_mo(out, catalogue)
    return out.getvalue()


def placeholders(text: str) -> list[str]:
    """The names in braces, sorted."""
    return sorted(re.findall(r"\{\w+\}", text))


def _in_source(tree: ast.Module) -> Iterator[Text]:
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef):
            assigned = _assigned(scope)
            for call in _calls(scope):
                yield from _in_call(call, assigned)


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Calls in the scope itself; those in a function inside it belong to that one."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _calls(child)


def _in_call(call: ast.Call, assigned: dict[str, list[ast.expr]]) -> Iterator[Text]:
    name = _name(call.func)
    if name in {"t", "N_"} and call.args:
        yield from (Text(text) for text in _constants(call.args[0]))
    if name == "N_" and call.args and isinstance(call.args[0], ast.JoinedStr):
        yield from (Text(text, context=SAID) for text in _sentences(call.args[0], assigned))
    if name == "many" and len(call.args) == 3:
        (one,), (more,) = _constants(call.args[0]), _constants(call.args[1])
        yield Text(one, more)
    elif name in SAYERS:
        for said in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from (Text(text, context=SAID) for text in _sentences(said, assigned))


def _name(func: ast.expr) -> str:
    return (func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else "").lstrip("_")


def _constants(expression: ast.expr) -> list[str]:
    if isinstance(expression, ast.IfExp):
        return _constants(expression.body) + _constants(expression.orelse)
    if isinstance(expression, ast.BoolOp):
        return [text for value in expression.values for text in _constants(value)]
    return [expression.value] if isinstance(expression, ast.Constant) and isinstance(expression.value, str) else []


def _assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name is set to in the scope."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
    return found


def _sentences(expression: ast.expr, assigned: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The sentences an expression can make, one a line, without whom they are about (`intune: `); also those of the names it uses."""
    for template in _templates(expression, assigned):
        for line in template.splitlines():
            said = re.sub(r"^\{\w+\}: ", "", line.strip())
            own = re.sub(r"\{\w+\}", "", said).strip()
            if sum(map(str.isalpha, own)) >= _TEMPLATE_LETTERS and " " in own:
                yield said
    for node in ast.walk(expression):
        if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
            for value in assigned.get(node.value.id, ()):
                if _is_text(value):
                    yield from _sentences(value, {})


def _is_text(expression: ast.expr) -> bool:
    return isinstance(expression, ast.JoinedStr | ast.IfExp | ast.BinOp) or bool(_constants(expression))


def _templates(expression: ast.expr, assigned: dict[str, list[ast.expr]]) -> list[str]:
    match expression:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name):
            return [text for value in assigned.get(name, ()) if _is_text(value) for text in _templates(value, {})]
        case ast.IfExp(body=body, orelse=other):
            return _templates(body, assigned) + _templates(other, assigned)
        case ast.Tuple(elts=parts):
            return [text for part in parts for text in _templates(part, assigned)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = itertools.product(_pieces(left, assigned), _pieces(right, assigned))
            return ["".join(pair) for pair in pairs]
        case ast.JoinedStr(values=values):
            names: dict[str, str] = {}
            return ["".join(_piece(value, names) for value in values)]
    return []


def _pieces(expression: ast.expr, assigned: dict[str, list[ast.expr]]) -> list[str]:
    return _templates(expression, assigned) or [f"{{{_value_name(expression)}}}"]


def _piece(value: ast.expr, names: dict[str, str]) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    written = ast.unparse(value)
    name = _value_name(value)
    while names.setdefault(name, written) != written:
        name += "_"
    return f"{{{name}}}"


def _value_name(expression: ast.expr) -> str:
    """A word for what an expression puts in, for the translator: the last name in it that says something."""
    match expression:
        case ast.FormattedValue(value=value):
            return _value_name(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Call(func=ast.Attribute(value=ast.Constant()), args=[first, *_]):
            return _value_name(first)
        case ast.Call(args=[first, *_]):
            return _value_name(first)
        case ast.Call(func=ast.Attribute(value=value)):
            return _value_name(value)
        case (
            ast.Subscript(value=value) | ast.BoolOp(values=[value, *_]) | ast.IfExp(body=value) | ast.BinOp(left=value)
        ):
            return _value_name(value)
        case ast.GeneratorExp(generators=[first, *_]):
            return _value_name(first.iter)
    return "value"


def _empty(language: str) -> Catalog:
    head = f"# devreg: {language}. `python tests/catalogues.py` takes new texts in and writes the .mo file."
    return Catalog(locale=language, domain="devreg", header_comment=head, fuzzy=False)


def _key(text: Text) -> str | tuple[str, str]:
    return (text.msgid, text.plural) if text.plural else text.msgid


def _renewed(language: str) -> Catalog:
    old, new = load(language), _empty(language)
    for text in sorted(used(), key=lambda text: (text.msgid.casefold(), text.context or "", text)):
        known = old.get(text.msgid, text.context)
        english = _key(text) if language == "en" else ("", "") if text.plural else ""
        new.add(_key(text), string=english if language == "en" or known is None else known.string, context=text.context)
    return new


def _write(catalogue: Catalog, language: str) -> int:
    """How many texts are untranslated."""
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    write_po(out, catalogue, width=120, no_location=True, ignore_obsolete=True)
    po_path(language).write_text(_UNSAID.sub("", out.getvalue().decode()), encoding="utf-8")
    mo_path(language).write_bytes(compiled(load(language)))
    return sum(
        not all(message.string if message.pluralizable else [message.string]) for message in catalogue if message.id
    )


if __name__ == "__main__":
    for each in LANGUAGES:
        print(f"{each}: {_write(_renewed(each), each)} texts to translate", file=sys.stderr)
