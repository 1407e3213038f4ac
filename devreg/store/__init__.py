"""The only package that knows SQL.

Belongs here: tables, migrations, the engine and its pragmas, reads and writes, the definition of every list.
Does not: rules (they are in `domain`), and transactions: the caller opens the unit of work, store functions
take the session first and never commit. No ORM object leaves this package.
"""
