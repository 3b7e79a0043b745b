"""The database (one writer, many readers), its column types, migrations and files. Knows no domain."""
