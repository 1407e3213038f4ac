"""What the messy city is made of: models with the shape of their serial numbers, and names as they are written."""

from typing import Final

MODELS: Final = {
    "phone": (("Samsung", "SM-A556B", "R5C@#@@#@@#"),
        ("Apple", "iPhone 15", "F@L@K#E@@#@#"),
        ("Nokia", "XR21", "N#@##%%%%%%#"),
        ("Zebra", "TC26", "##%%%%%%%%%#")),
    "tablet": (("Apple", "iPad (10th generation)", "D@P@#@@#@@#@"),
        ("Samsung", "SM-X210", "R9T@#@@#@@#")),
    "laptop": (("Lenovo", "ThinkPad L14", "PF#@#@@#"),
        ("HP", "HP EliteBook 840", "5CD#%%#@@@"),
        ("Dell", "Latitude 5440", "#@@#@#3"),
        ("Fujitsu", "LIFEBOOK E5412", "DSE@-######")),
    "desktop": (("HP", "HP ProDesk 400", "CZC#%%#@@@"),
        ("Dell", "OptiPlex 7010", "@#@@#@3"),
        ("Lenovo", "ThinkCentre M70q", "PC#@#@@#")),
    "mini": (("AZW", "MINI S", ""),
        ("GMKtec", "NucBox", ""),
        ("Intel", "NUC11", "")),
    "chromebook": (("Acer", "Chromebook 311 (C733)", "NX@@@@@#####%%%%%#%%##"),
        ("Lenovo", "300e Chromebook Gen 3", "YX#@#@@#"),
        ("HP", "Chromebook 11 G9 EE", "5CG#%%#@@@")),
    "switch": (("Cisco", "C9200L-24P-4G", "FJC#%%#@#@#"),
        ("Juniper", "EX2300-24P", "JW##%%#%%%##"),
        ("HPE", "J9775A", "CN#@@@@###")),
    "ap": (("Cisco", "C9115AXI", "FGL#%%#@#@#"),
        ("Ruckus", "R550", "%#%##%%#%%%#")),
    "printer": (("Brother", "HL-L6400DW", "E7#%%%@#@######"),
        ("Ricoh", "IM C3000", "3%##@@###%%#")),
}  # fmt: skip
"""Kind -> maker, model and pattern of its serial numbers."""

MAKERS: Final = {
    "Lenovo": ("LENOVO", "Lenovo", "Lenovo Group"), "HP": ("HP", "Hewlett-Packard", "HP Inc."), "Dell": ("Dell Inc.", "Dell", "DELL"),
    "Samsung": ("samsung", "Samsung", "Samsung Electronics Co., Ltd."), "Apple": ("Apple", "Apple Inc.", "Apple Inc"),
    "Acer": ("Acer", "ACER", "Acer Inc."), "Fujitsu": ("FUJITSU", "Fujitsu", "Fujitsu Client Computing Limited"),
    "Nokia": ("Nokia", "HMD Global", "HMD Global Oy"), "Zebra": ("Zebra Technologies", "Zebra"), "Cisco": ("Cisco", "Cisco Systems, Inc."),
    "Juniper": ("Juniper", "Juniper Networks, Inc."),
    "Brother": ("Brother", "Brother Industries, Ltd."), "Ricoh": ("RICOH", "Ricoh Company, Ltd."),
    "Ruckus": ("Ruckus", "Ruckus Wireless"), "Intel": ("Intel", "Intel(R) Corporation"),
}  # fmt: skip
"""Maker -> how it is written."""

FIRST: Final = ("Aino", "Åsa", "Eino", "Liisa", "Matti", "Sven", "Yrjö")
LAST: Final = ("Mäki", "Öberg", "Laine", "Nyman", "Korhonen")
KINDS: Final = {"mini": "desktop", "ap": "access_point", "vm": "other", "dock": "other"}

KNOWN_FILLERS: Final = (
    "To be filled by O.E.M.", "Default string", "0", "", "System Serial Number", "Not Specified", "xxxxxxx", "0123456789", "N/A",
    "Chassis Serial Number", "INVALID", "None", "00000000", "123456789", " to be FILLED by o.e.m. ",
)  # fmt: skip
