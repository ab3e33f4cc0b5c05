"""`edge-agent survey`: an installer walks the floor with a phone and a beacon, and records it."""
