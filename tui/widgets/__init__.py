"""Widgets of our own: they paint what they are given and know nothing of the register."""
