"""Settings for stores: signed by whoever has the key, kept and handed on here, tried there."""
