"""One program per contender; a peer's imports the standard library and its peer, no more."""
