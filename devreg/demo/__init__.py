"""A small invented city, and loopback stand-ins for Microsoft Graph, Google Workspace and network equipment.

For the demo, and the test rig of the collectors. Nothing here is Microsoft's or Google's; nothing listens beyond
loopback. It imports no collector and no parsing code of one: a stand-in that shares its parsing with the client
proves nothing. Every name, number and address is invented.
"""
