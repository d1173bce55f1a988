"""No process of the tests may leave the machine: with this folder on PYTHONPATH every Python refuses to look up or connect to
anything but loopback, and writes the attempt to $EMOREC_GUARD_LOG (if set)."""

import ipaddress
import os
import sys


def _local(host) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):  # a str is a file: Unix sockets stay here
        host = arguments[1][0]
    else:
        return
    if not _local(host):
        if os.environ.get("EMOREC_GUARD_LOG"):
            with open(os.environ["EMOREC_GUARD_LOG"], "a") as log:
                log.write(f"{event} {host} by {sys.argv[:1]}\n")
        raise ConnectionRefusedError(f"the tests may not leave this machine: {event} {host}")


sys.addaudithook(_watch)
