"""Figures of this program against yardsticks measured in the same run.

Belongs here: one module a subject, each yielding `Figure`s; run by `make bench`, never by the tests.
Does not: a figure without a yardstick or a target; absolute times alone tell of the machine, not of the program.
"""
