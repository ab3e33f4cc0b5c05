"""Lock controller boards: a folder per family, and the words that all families share."""
