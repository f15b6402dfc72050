"""Alembic's environment: runs on the connection that `service.store.migrate` hands over."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection

from service.store.migrate import is_ours
from service.store.tables import metadata


def run(connection: Connection) -> None:
    """Run the chosen revisions, each in its own transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
