"""The store's own beacons: badges, trolleys, fixed references, sensors."""
