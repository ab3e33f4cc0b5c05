"""Radios that report to the agent from elsewhere, each in its maker's protocol.

Written from the makers' pages, with no line shared with the product's readers.
"""
