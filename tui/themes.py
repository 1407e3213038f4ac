"""Two calm themes; every colour of the screens is named here."""

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="devreg",
    dark=True,
    primary="#6cb6c9",
    secondary="#8fa7c4",
    accent="#e0b062",
    success="#86c08b",
    warning="#e0b062",
    error="#e5827b",
    foreground="#d6dbe1",
    background="#14181d",
    surface="#14181d",
    panel="#1c222a",
    variables={
        "ink-strong": "#f2f5f8",
        "ink-dim": "#8792a0",
        "ink-link": "#7fc4d6",
        "ink-good": "#86c08b",
        "ink-warn": "#e0b062",
        "ink-bad": "#ee8f88",
        "bar": "#1c222a",
        "tab": "#2b5560",
        "row": "#24414b",
        "row-away": "#232a33",
        "cell": "#2f6674",
        "input-cursor-background": "#d6dbe1",
        "input-selection-background": "#2f6674",
    },
)

LIGHT: Final = Theme(
    name="devreg-light",
    dark=False,
    primary="#1f6f83",
    secondary="#46607f",
    accent="#8a5a00",
    success="#2b6e35",
    warning="#8a5a00",
    error="#b3261e",
    foreground="#20262d",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eceeec",
    variables={
        "ink-strong": "#000000",
        "ink-dim": "#5b6570",
        "ink-link": "#14637a",
        "ink-good": "#2b6e35",
        "ink-warn": "#8a5a00",
        "ink-bad": "#b3261e",
        "bar": "#e6eae9",
        "tab": "#b9dbe2",
        "row": "#d3e8ec",
        "row-away": "#e9eceb",
        "cell": "#a5d3dd",
        "input-cursor-background": "#20262d",
        "input-selection-background": "#a5d3dd",
    },
)
