"""What comes down: the items of each state stream, and the commands. Nothing else defines them."""
