"""`bi_` views: every list as a database view of its own, for Power BI and the data warehouse to read without this program.

Made from the same definitions as the lists on screen, so that a column means the same everywhere. Values are as stored: money in
cents, times in UTC; names of units are in Finnish where there is one, and `bi_units` has both languages.
"""

from typing import Final

from sqlalchemy import Connection, inspect, select, text

from devreg.store.query import View
from devreg.store.views import of_language

PREFIX: Final = "bi_"


def drop(connection: Connection) -> None:
    """Take the views away, so that the tables below them can be changed."""
    for name in inspect(connection).get_view_names():
        if name.startswith(PREFIX):
            connection.execute(text(f'DROP VIEW "{name}"'))


def make(connection: Connection) -> None:
    """Every list's view, as this program defines it."""
    drop(connection)
    for view in of_language("fi").values():
        connection.exec_driver_sql(f"CREATE VIEW {PREFIX}{view.name} AS {_statement(view, connection)}")


def _statement(view: View, connection: Connection) -> str:
    chosen = select(*(item.told.label(item.column.key) for item in view.columns)).select_from(view.source)
    if view.where is not None:
        chosen = chosen.where(view.where)
    return str(chosen.compile(connection, compile_kwargs={"literal_binds": True}))
