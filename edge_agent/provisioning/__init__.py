"""The gateway's identity: its keys, its first certificate for a claim, and renewal."""
