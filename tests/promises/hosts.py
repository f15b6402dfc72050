"""Hosts of one machine: network namespaces, each joined to it by a cable of its own. Needs root or sudo."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

NETWORK = "10.213.0.0/16"


@dataclass(frozen=True, slots=True)
class Host:
    """One host: `machine` is the machine's address at the other end of its cable."""

    name: str
    cable: str
    machine: str

    @property
    def within(self) -> tuple[str, ...]:
        """What stands before a command that is to run there."""
        return (*as_root(), "ip", "netns", "exec", self.name)

    def plugged(self, in_: bool) -> None:
        """Pull the cable, or plug it in again."""
        _ip("link", "set", self.cable, "up" if in_ else "down")


@contextlib.contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """Several hosts that reach this machine and not each other; gone after the block."""
    made: list[Host] = []
    with contextlib.ExitStack() as stack:
        for number in range(count):
            made.append(_host(number, stack))
        yield made


def _host(number: int, stack: contextlib.ExitStack) -> Host:
    mark = f"hs{os.getpid() % 10**7}-{number}"
    host = Host(mark, mark, f"10.213.{number}.1")
    _ip("netns", "add", host.name)
    stack.callback(_ip, "netns", "del", host.name)  # its cable goes with it
    _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
    _ip("addr", "add", f"{host.machine}/30", "dev", host.cable)
    host.plugged(in_=True)
    for rest in (("addr", "add", f"10.213.{number}.2/30", "dev", "eth0"), ("link", "set", "eth0", "up")):
        _ip("-n", host.name, *rest)
    return host


def _ip(*arguments: str) -> None:
    subprocess.run([*as_root(), "ip", *arguments], check=True)


def as_root() -> tuple[str, ...]:
    """What stands before a command that only root may give."""
    return () if os.geteuid() == 0 else ("sudo", "-n")
