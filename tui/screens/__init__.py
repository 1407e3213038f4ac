"""Screens: one file each; they ask the loader and paint through the widgets."""
