"""The registry: what a device is, where each fact about it came from, and what people decided.

Belongs here: rules (`domain`), the database (`store`), use cases (`services`), settings, the command line.
Does not: talking to a source (`collectors`), drawing a screen (`tui`), writing a report (`exports`).
`devreg.wiring` is the one place that knows all of them.
"""

__version__ = "0.1.0"
