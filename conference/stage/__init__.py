"""The live room of a session: who may enter, the floor, moderation, media signalling."""
