"""The schemas of the register, one step after the other; run by alembic."""
