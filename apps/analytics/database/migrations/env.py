"""What Alembic runs for every command: on a connection that is handed in, or on paper."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given.get("connection"),
    dialect_name=None if "connection" in given else "postgresql",
    dialect_opts={"paramstyle": "named"},
    transaction_per_migration=True,
    on_version_apply=given.get("on_version_apply"),
)
with context.begin_transaction():
    context.run_migrations()
