"""The organizers' forms: settings, sessions, people, imports. Pages parse, acts decide, templates show."""
