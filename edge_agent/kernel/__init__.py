"""The words that every room shares: time, identifiers, facts, errors. Standard library only."""
