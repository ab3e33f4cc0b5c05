"""What holds for every test."""

from hypothesis import settings

# A deadline per example would be a timing assertion on a machine that others share.
settings.register_profile("aisle", deadline=None, print_blob=True)
settings.load_profile("aisle")
