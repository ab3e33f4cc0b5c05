"""Stores: whether they are heard, and what they said last."""
