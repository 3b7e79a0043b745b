"""Releases: the draft frozen and published, what changed, who is told, and halls that run late."""
