"""What carries the register out: workbooks, CSV, JSON.

Belongs here: layouts, number formats, words, escaping for the format written.
Does not: reading the database, measuring, choosing what a list holds. Rows and results come in ready;
no cell is written except through `exports.workbook`, no file except through `exports.files.replacing`.
"""
