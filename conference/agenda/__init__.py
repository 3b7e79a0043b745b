"""Event, rooms, tracks, sessions, people on the programme; import, export, stars."""
