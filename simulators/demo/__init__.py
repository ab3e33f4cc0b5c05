"""The demo: a whole store under one supervisor, its people, and a judge who was not there."""
