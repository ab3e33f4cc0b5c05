"""Orders: placed here, moved on by the facts of the stores."""
