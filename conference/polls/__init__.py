"""Polls of a session: made ahead or on the spot, answered once by each person, told as counts."""
