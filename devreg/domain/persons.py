"""The same person in several directories: told by the addresses that their accounts share."""

from collections.abc import Collection, Mapping


def joined(accounts: Mapping[int, Collection[str]]) -> dict[int, str]:
    """Account -> the address that stands for its person: the first by name of all that hang together with it.

    An account without an address is nobody else's and is left out.
    """
    above: dict[str, str] = {}

    def top(address: str) -> str:
        while (higher := above.setdefault(address, address)) != address:
            above[address] = above[higher]  # halves the way for the next one
            address = higher
        return address

    for addresses in accounts.values():
        tops = sorted({top(address) for address in addresses})
        above |= dict.fromkeys(tops[1:], tops[0]) if tops else {}
    return {key: top(min(addresses)) for key, addresses in accounts.items() if addresses}
