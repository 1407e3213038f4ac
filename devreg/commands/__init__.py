"""What each verb of the command line does, imported only when it is asked for.

Belongs here: opening the app, calling one service, printing what came of it.
Does not: rules, SQL, network; a command that decides something has a service missing.
"""
