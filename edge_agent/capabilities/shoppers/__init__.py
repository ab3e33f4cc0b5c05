"""Who has joined, under a pseudonym, and what each has agreed to."""
