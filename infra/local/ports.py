"""Ports: whether they are free, and who holds them when they are not."""

from __future__ import annotations

import errno
import socket

import psutil

from infra.local.errors import StackError
from infra.local.proc import describe


def check_ports(ports: dict[str, int], stack_file: str, *, address: str = "") -> None:
    """Insist that nobody listens on these ports.

    Args:
        ports: by the key of the stack file that sets each.
        stack_file: how to name that file.
        address: the address to try; empty is every address.
    Raises:
        StackError: names the holder and the key to change.
    """
    for key, port in ports.items():
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            if not _is_free(port, kind, address):
                raise StackError(f"port {port} is in use by {_holder(port, kind)}; set {key} in {stack_file}")


def _is_free(port: int, kind: socket.SocketKind, address: str) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            # Connections that are only fading out (TIME_WAIT) do not stop a server either.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if kind is socket.SOCK_STREAM:
                probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise StackError(f"port {port} cannot be used: {error.strerror}") from None
    return True


def _holder(port: int, kind: socket.SocketKind) -> str:
    wanted = "tcp" if kind is socket.SOCK_STREAM else "udp"
    try:
        connections = psutil.net_connections(kind=wanted)
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        is_server = kind is socket.SOCK_DGRAM or connection.status == psutil.CONN_LISTEN
        if connection.laddr and connection.laddr.port == port and is_server and connection.pid:
            return describe(connection.pid)
    return "another user's process"
