"""Copies of the store's database: made while the agent runs, verified, and put back."""
