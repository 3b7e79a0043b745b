"""Schedule files (frab XML, pretalx/frab JSON, the hub's v2) to a checked `Programme` to the database."""
