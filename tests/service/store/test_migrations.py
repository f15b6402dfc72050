import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from service.store import migrate

VERSIONS = sorted(Path(migrate.__file__).parent.glob("migrations/versions/[0-9]*.py"))


def test_the_revisions_make_exactly_the_tables(database_url: str) -> None:
    assert migrate.differences(database_url) == []
    assert migrate.state(database_url).is_current


@pytest.mark.parametrize("start", ["base", *migrate.revisions()])
def test_upgrades_from_each_earlier_revision(new_database_url: Callable[[str], str], start: str) -> None:
    url = new_database_url("template0")
    if start != "base":
        migrate.upgrade(url, start)
        assert migrate.state(url).current == start
    seen: list[str] = []
    migrate.upgrade(url, progress=seen.append)
    newest = migrate.revisions()[-1]
    assert (not seen) if start == newest else (seen[-1] == newest)
    assert migrate.state(url).is_current
    assert migrate.differences(url) == []


def test_two_upgrades_at_once_wait_for_each_other(new_database_url: Callable[[str], str]) -> None:
    url = new_database_url("template0")
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(url)
        except Exception as failure:  # noqa: BLE001 - shown by the assertion
            failures.append(failure)

    both = [threading.Thread(target=upgrade) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failures == []
    assert migrate.state(url).is_current


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.stem)
def test_no_revision_waits_for_a_lock_for_long(version: Path) -> None:
    upgrade = re.search(r"def upgrade\(\) -> None:\n(.*?)(?=\ndef |\Z)", version.read_text(), re.DOTALL)
    assert upgrade is not None
    assert "SET LOCAL lock_timeout" in upgrade.group(1).split("op.", 2)[1]
