"""The live room: its doors, the floor and who may publish, who is here, and the page that shows it."""
