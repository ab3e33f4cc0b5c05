"""Who is where, by pseudonym, and only of those who have agreed to it."""
