"""What each fitting-room mirror shows: the goods before it, and the offer of its zone."""
