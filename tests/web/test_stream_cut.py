"""The stream cut on its way, as a changed network cuts it, and the page catching up by itself."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from nlp.reading import DamageType
from service.access import Role
from service.store import workers
from tests.service.api.world import PASSWORD, World, report
from tests.service.store.samples import NOON

pytestmark = pytest.mark.browser


class Wire:
    """A forwarder of TCP connections that can be cut and joined again, on one port."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._joined = True
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset what is open; refuse what comes until `join`."""
        self._joined = False
        while self._open:
            held = self._open.pop()
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        self._joined = True

    def close(self) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._joined:
                    near.close()
                    continue
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far:
            self._open += [near, far]
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(world: World) -> Iterator[Wire]:
    at = urlsplit(world.url)
    assert at.hostname is not None
    assert at.port is not None
    made = Wire((at.hostname, at.port))
    yield made
    made.close()


def test_what_came_during_a_cut_appears_without_a_reload(world: World, wire: Wire, chromium: Browser) -> None:
    world.user("person", Role.OFFICER)
    with (
        workers.register(world.services.database, "test"),
        contextlib.closing(chromium.new_context(locale="ja-JP")) as context,
    ):
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{wire.port}/signin")
        page.fill("#name", "person")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        expect(page.locator("#clock")).to_contain_text("最終更新", timeout=15_000)
        page.evaluate("window.sameDocument = true")
        rows = page.locator("#rows .row")
        report(world.services, "before", type=DamageType.FIRE)
        expect(rows).to_have_count(1)
        wire.cut()
        later = NOON + timedelta(minutes=1)
        report(world.services, "during", type=DamageType.LANDSLIDE, lat=34.7, lon=133.5, said_at=later)
        page.wait_for_timeout(1500)
        expect(rows).to_have_count(1)
        wire.join()
        expect(rows).to_have_count(2, timeout=20_000)
        expect(rows.first).to_contain_text("土砂災害")
        assert page.evaluate("window.sameDocument")
