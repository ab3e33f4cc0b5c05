"""What the store's own beacons tell. Pure."""
