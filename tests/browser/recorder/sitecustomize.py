"""Python runs this first in a server of the tests, and in all that it starts: whom they want to speak to."""

import ipaddress
import os
import sys
from pathlib import Path

_RECORD = os.environ["GATESCOPE_TEST_RECORD"]


def _is_here(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _note(event, arguments):
    host = None
    if event in ("socket.connect", "socket.sendto"):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else None  # a path is one of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    if not _is_here(host):
        with Path(_RECORD).open("a") as record:
            record.write(f"{event} {host}\n")


sys.addaudithook(_note)
os.setpriority = lambda *_: None  # a worker that lets all else go first would wait for the other tests
