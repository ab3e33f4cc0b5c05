"""The choices of a pickup, by what they are about: the order, its door, its place, its pass."""
