"""What the hub does for people, a room each; of the same inner shape as the agent's rooms."""
