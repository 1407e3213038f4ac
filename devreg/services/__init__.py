"""Use cases: one module a task, each opening its own units of work.

Belongs here: what a person or a timer asks for, told in terms of `domain` and `store`.
Does not: SQL, network, widgets, worksheets. Nothing here imports Textual, a collector or an exporter.
"""
