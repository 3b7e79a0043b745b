"""Events, rooms, tracks, sessions and speakers; reading, importing and exporting them."""
