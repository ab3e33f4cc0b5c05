"""A shopper's phone that hears fixed beacons: the reference client of `POST /v1/nearby`."""
