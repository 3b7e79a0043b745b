"""The chat of a session, direct messages, and announcements to a whole event."""
