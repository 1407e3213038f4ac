"""A browser without a window for the demo's sign-in: follows redirects and posts the form that a page would post by itself.

    BROWSER="python -m devreg.demo.browser CA_BUNDLE %s"

`CA_BUNDLE` is the stand-in's ca.pem, which real browsers don't trust. With `--as NAME@DOMAIN` it takes that person where the
page lists people to choose from. Exit status 1: the page was an error or asks for somebody, and its text is on stderr.
"""

import argparse
import re
import ssl
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPSHandler, OpenerDirector, Request, build_opener

from devreg.demo.entra_page import CHOSEN

_TIMEOUT_S: Final = 30.0


class _Page(HTMLParser):
    """The form and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what can be followed."""
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = named.get("action")
        elif tag == "input" and "name" in named:
            self.fields[named["name"]] = named.get("value", "")
        elif tag == "a":
            self.links.append(named.get("href", ""))


def form_of(text: str) -> tuple[str | None, dict[str, str]]:
    """Where a page posts itself to, and what."""
    page = _Page(text)
    return page.action, page.fields


def visit(address: str, ca_bundle: str, person: str | None = None) -> tuple[int, str]:
    """Follow the address as far as a browser would by itself; status and text of the last page."""
    opener = build_opener(HTTPSHandler(context=ssl.create_default_context(cafile=ca_bundle)))
    status, text = _open(opener, Request(address))  # noqa: S310  the address is the sign-in's
    page = _Page(text)
    chosen = [link for link in page.links if person and urlencode({CHOSEN: person.lower()}) in link]
    if chosen:
        status, text = _open(opener, Request(chosen[0]))  # noqa: S310
        page = _Page(text)
    if page.action is None:
        return (status if status >= 400 or not page.links else 300), text
    return _open(opener, Request(page.action, urlencode(page.fields).encode()))  # noqa: S310


def _open(opener: OpenerDirector, request: Request) -> tuple[int, str]:
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except HTTPError as refused:
        return refused.code, refused.read().decode("utf-8", "replace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Visit one address and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m devreg.demo.browser")
    parser.add_argument("ca_bundle")
    parser.add_argument("address")
    parser.add_argument("--as", dest="person")
    options = parser.parse_args(arguments)
    status, text = visit(options.address, options.ca_bundle, options.person)
    if status >= 300:
        print(re.sub(r"<[^>]+>", " ", text), file=sys.stderr)
    return int(status >= 300)


if __name__ == "__main__":
    sys.exit(main())
