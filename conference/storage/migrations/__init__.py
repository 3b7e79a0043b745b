"""Schema history (Alembic). `0001` builds the tables of the first release."""
