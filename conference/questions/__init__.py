"""Questions and answers of a session: asking, voting, moderation."""
