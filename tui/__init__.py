"""The terminal UI: the register on a terminal, for people who live in it.

Belongs here: screens, widgets, keys, how values look on a terminal. Does not belong here: SQL, rules, files, network.
Data comes in through `loader` only, text goes out through `plain` only.
"""
