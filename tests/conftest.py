"""What holds for every test."""

from hypothesis import settings

# A deadline per example would be a timing assertion on a machine that others share.
# Sixty examples find what a hundred do on most days, and the suite is run every day.
settings.register_profile("aisle", deadline=None, print_blob=True, max_examples=60)
settings.load_profile("aisle")
