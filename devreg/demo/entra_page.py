"""What Entra's sign-in shows in a browser: a form that posts itself, the people to choose from, an error."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final
from urllib.parse import urlencode

from devreg.demo.entra_wire import Denied
from devreg.demo.server import Reply

CHOSEN: Final = "stand_in_person"
"""Parameter with which a person of the choice is taken; the real page asks for password and second factor instead."""
_TITLE: Final = "Sign-in of devreg's demo, not Microsoft's"


def back(redirect_uri: str, response_mode: str, answer: Mapping[str, str]) -> Reply:
    """The way back to the application: a redirect, or a form that the browser posts."""
    if response_mode == "form_post":
        fields = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}"/>' for n, v in answer.items())
        form = f'<form method="POST" name="hiddenform" action="{escape(redirect_uri)}">{fields}'
        script = "<script>document.forms[0].submit();</script>"
        return _page(200, f'{form}<noscript><input type="submit" value="Submit"/></noscript></form>{script}')
    joint = "&" if "?" in redirect_uri else "?"
    return Reply(302, {"Location": f"{redirect_uri}{joint}{urlencode(answer)}"}, b"")


def choice(address: str, people: Iterable[tuple[str, str]]) -> Reply:
    """Who is signing in: pairs of sign-in name and name, each a link."""
    joint = "&" if "?" in address else "?"
    links = (
        f'<li><a href="{escape(address + joint + urlencode({CHOSEN: upn}))}">{escape(name)} ({escape(upn)})</a></li>'
        for upn, name in people
    )
    return _page(
        200, f"<h1>{_TITLE}</h1><p>Who is signing in? Everybody here is invented.</p><ul>{''.join(links)}</ul>"
    )


def told(text: str) -> Reply:
    """A page with nothing to do but read."""
    return _page(200, f"<h1>{_TITLE}</h1><p>{escape(text)}</p>")


def error_page(denied: Denied) -> Reply:
    """A refusal that is shown to the person and never gets back to the application."""
    return _page(denied.status, f"<h1>{_TITLE}</h1><p>{escape(denied.description)}</p>")


def _page(status: int, body: str) -> Reply:
    text = f"<!DOCTYPE html><html><head><title>{_TITLE}</title></head><body>{body}</body></html>"
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Reply(status, headers, text.encode())
