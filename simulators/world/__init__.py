"""The store as physics sees it: a floor plan, people who walk on it, beacons, air.

Pure and stepwise: nothing here reads a clock, a file handle or the network after a world is built,
and the same seed gives the same adverts.
"""
