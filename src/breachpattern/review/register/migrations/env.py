"""Where alembic begins: on the connection, and within the transaction, that the register gives it."""

from alembic import context

from breachpattern.review.register.tables import METADATA, VERSION_TABLE


def migrate() -> None:
    """Run the migrations that are asked for."""
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
    )
    with context.begin_transaction():
        context.run_migrations()


if hasattr(context, "config"):  # only while alembic runs this file
    migrate()
