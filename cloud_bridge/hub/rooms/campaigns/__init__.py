"""Campaigns: published here, offered and redeemed in the stores."""
