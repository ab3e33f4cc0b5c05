"""What stands in the store and listens to the agent: the device bus, its words, who is there."""
