"""Many readers of the stream in one process: `python -m tests.promises.stream_clients PORT KEY COUNT`.

Says `ready` once every reader has had its first sign of life. A number on standard input is the change
that all have to reach; then it prints, as JSON, when each reader got each change (seconds since 1970).
"""

import asyncio
import json
import re
import resource
import sys
import time

CHANGE = re.compile(rb"event: change\nid: (\d+)\n")
OPEN_AT_ONCE = 50
REACHED_WITHIN_S = 60.0


class Reader(asyncio.Protocol):
    """One connection; `got` holds (number, arrival) in the order of arrival."""

    def __init__(self) -> None:
        self.got: list[tuple[int, float]] = []
        self.alive = asyncio.Event()
        self.lost = False
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Note the changes of every whole event."""
        now = time.time()
        self._rest += data
        end = self._rest.rfind(b"\n\n") + 2
        whole, self._rest = self._rest[:end], self._rest[end:]
        self.got += [(int(seq), now) for seq in CHANGE.findall(whole)]
        if b"event: pulse" in whole:
            self.alive.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember it: no reader may be sent away."""
        self.lost = True


async def open_reader(port: int, key: str, few: asyncio.Semaphore) -> Reader:
    """A reader that has had its first sign of life."""
    async with few:
        transport, reader = await asyncio.get_running_loop().create_connection(Reader, "127.0.0.1", port)
        transport.write(f"GET /stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        await asyncio.wait_for(reader.alive.wait(), 30)
        return reader


async def listen(port: int, key: str, count: int) -> None:
    """Open the readers, wait for the goal, tell what they got."""
    few = asyncio.Semaphore(OPEN_AT_ONCE)
    readers = await asyncio.gather(*(open_reader(port, key, few) for _ in range(count)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    goal = int(await asyncio.to_thread(sys.stdin.readline))
    deadline = time.monotonic() + REACHED_WITHIN_S
    while time.monotonic() < deadline and not all(one.got and one.got[-1][0] >= goal for one in readers):
        await asyncio.sleep(0.1)
    json.dump({"lost": sum(one.lost for one in readers), "got": [one.got for one in readers]}, sys.stdout)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(listen(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
