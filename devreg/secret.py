"""Secrets by reference: the settings name where a secret is kept, never the secret."""

import os
import re
import stat
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from devreg.errors import Misconfigured


class SecretRef(BaseModel):
    """Where a secret is kept; exactly one of the four."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    env: str | None = None
    """Environment variable. Children inherit it: prefer the others."""
    file: str | None = None
    """File relative to devreg.toml, readable by you alone (mode 0600 or 0400). Where systemd hands it over as a credential
    (`schedule print systemd`), that is read instead."""
    keyring: str | None = None
    """Name in the system's keyring, under the service devreg."""
    credential: str | None = None
    """Name of a systemd credential ($CREDENTIALS_DIRECTORY)."""

    @model_validator(mode="before")
    @classmethod
    def _never_bare(cls, raw: Any) -> Any:
        if isinstance(raw, str):
            raise ValueError(
                'a secret never stands in the file; write { file = "…" }, { keyring = "…" }, { credential = "…" } or { env = "…" }'
            )  # noqa: TRY004  pydantic reports ValueError, not TypeError
        return raw

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretRef":
        if sum(place is not None for place in (self.env, self.file, self.keyring, self.credential)) != 1:
            raise ValueError("name exactly one of file, keyring, credential, env")
        return self

    def __str__(self) -> str:
        return " ".join(f"{place} {name}" for place, name in self.model_dump(exclude_none=True).items())

    def path(self, folder: Path) -> Path | None:
        """The file that holds it, for references that are files."""
        if self.file is not None:
            handed = _credentials() / credential_name(self.file)
            return handed if "CREDENTIALS_DIRECTORY" in os.environ and handed.exists() else folder / self.file
        if self.credential is not None:
            return _credentials() / self.credential
        return None

    def read(self, folder: Path) -> str:
        """The secret, without a trailing line break. Raises Misconfigured naming the reference, never the value."""
        path = self.path(folder)
        if path is not None:
            return _text(path, self._content(path))
        if self.env is not None:
            value = os.environ.get(self.env)
            hint = f"Set it, or keep the secret in a file instead of {self}."
        else:
            value = _from_keyring(str(self.keyring))
            hint = f"Store it with `keyring set devreg {self.keyring}`."
        if not value:
            raise Misconfigured(f"The secret {self} is not there.", next_step=hint)
        return value

    def read_bytes(self, folder: Path) -> bytes:
        """The secret as it stands in its file, for keys that are no text (PFX). Raises as `read`."""
        path = self.path(folder)
        return self._content(path) if path is not None else self.read(folder).encode()

    def _content(self, path: Path) -> bytes:
        """The file's content; a credential's folder is systemd's own, and its access list shows as rights of the group."""
        is_credential = path.parent == _credentials()
        return _private_bytes(path, stat.S_IRWXO if is_credential else stat.S_IRWXG | stat.S_IRWXO)


def credential_name(file: str) -> str:
    """What a secret's file is called as a systemd credential, whose names have no slash and no colon."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", file).strip("-.")


def _credentials() -> Path:
    return Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials"))


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Misconfigured(f"The secret file {path} is not text.") from None


def _private_bytes(path: Path, forbidden: int) -> bytes:
    """A file's content, refused when others can read it or it is another user's. Source: safety.md 39."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            content = file.read()
    except OSError as error:
        raise Misconfigured(f"The secret file {path} can't be read: {error.strerror}.") from error
    if os.name == "posix" and state.st_mode & forbidden:
        raise Misconfigured(f"The secret file {path} can be read by others.", next_step=f"Run `chmod 600 {path}`.")
    if os.name == "posix" and state.st_uid not in {0, os.geteuid()}:
        raise Misconfigured(f"The secret file {path} belongs to another user.", next_step=f"Run `chown $USER {path}`.")
    if not content.strip():
        raise Misconfigured(f"The secret file {path} is empty.")
    return content


def _from_keyring(name: str) -> str | None:
    import keyring  # saves 40 ms for everyone without one
    from keyring.errors import KeyringError

    try:
        return keyring.get_password("devreg", name)
    except KeyringError as error:
        raise Misconfigured(
            f"The keyring can't be read: {error}.", next_step="Use { file = … } or { credential = … } instead."
        ) from error
