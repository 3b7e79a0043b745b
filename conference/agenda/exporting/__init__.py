"""The public schedule as schedule JSON, frab XML and iCalendar."""
