"""Who may join, what a change of mind changes, what leaving leaves behind. Pure."""
