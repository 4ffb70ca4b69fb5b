"""Python runs this first in a server of the tests, and in all that it starts: whom they want to speak to."""

import ipaddress
import os
import sys
from pathlib import Path

_RECORD = os.environ["GATESCOPE_TEST_RECORD"]


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _note(event: str, arguments: tuple) -> None:
    match event:
        case "socket.connect" | "socket.sendto":
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
        case "socket.getaddrinfo" | "socket.gethostbyname":
            host = arguments[0]
        case _:
            return
    if not _is_here(host):
        with Path(_RECORD).open("a") as record:
            record.write(f"{event} {host}\n")


sys.addaudithook(_note)
