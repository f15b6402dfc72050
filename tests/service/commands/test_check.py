"""`hansho check` names what the role of the second fence may not read."""

from pathlib import Path

from sqlalchemy import text

from service.commands.check import Finding, check_database
from service.settings import Settings
from service.store import migrate
from service.store.database import Database

WHAT = "行単位のアクセス制御"


def test_a_table_that_the_readers_role_may_not_read_is_named(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def found() -> Finding:
        settings = Settings(database_url=database_url, state=tmp_path)
        return next(one for one in check_database(database_url, settings) if one.what == WHAT)

    assert found().outcome == "ok"
    with database.transaction() as conn:
        conn.execute(text("REVOKE SELECT ON evacuation_units FROM hansho_reader"))
    missing = found()
    assert missing.outcome == "warn"
    assert "evacuation_units" in missing.remedy
    assert "hansho migrate" in missing.remedy
    migrate.upgrade(database_url)
    assert found().outcome == "ok"
