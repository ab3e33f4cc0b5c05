"""The choices of presence: what was heard, where that is, which zone, what it means. Pure."""
