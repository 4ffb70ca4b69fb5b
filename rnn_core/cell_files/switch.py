"""The switch for the code of own cells: it runs everywhere but in an app that other machines can open."""

import ipaddress
import os

SWITCH = "GATESCOPE_OWN_CELLS"
"""The environment variable that turns own cells on (1) or off (0), for a process and all that it starts."""
_ON = ("", "1", "on", "true", "yes")


def are_on() -> bool:
    """True if code of own cells may run: unless the switch is off."""
    return os.environ.get(SWITCH, "").strip().lower() in _ON


def why_off() -> str:
    """Says why own cells are off, and how they are turned on; empty where they are on."""
    if are_on():
        return ""
    return (
        "Own cells are off here: other machines may open this app, and a cell is code that runs on this one. "
        "To allow them all the same, end the app and start it in a terminal with `gatescope app --own-cells`."
    )


def turn_on() -> None:
    """Own cells may run in this process and in all that it starts from now on."""
    os.environ[SWITCH] = "1"


def decide(address: str) -> None:
    """Turns own cells on or off by the address at which an app listens, unless the switch is set."""
    if not os.environ.get(SWITCH, "").strip():
        os.environ[SWITCH] = "1" if is_loopback(address) else "0"


def is_loopback(address: str) -> bool:
    """True if only this machine reaches an address.

    >>> [is_loopback(address) for address in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "unix:///a", "")]
    [True, True, True, False, False, False]
    """
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.lower() == "localhost"
