"""Programs of their own: a driver on one side, the device bus on the other.

They import device profiles and the bus's words and keys, nothing else of the agent.
"""
