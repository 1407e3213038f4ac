"""Rules that decide, and never do I/O.

Belongs here: identity, provenance, absence, equality, and the words for what a device is.
Does not: SQL, files, network, clocks read by themselves. Only the standard library, msgspec and
small value libraries (stdnum, dateutil) may be imported; an import contract checks it.
"""
