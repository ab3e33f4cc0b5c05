"""The store's end of the contract: facts go up once, state and commands come down in order.

`uplink` and `downlink` decide and are pure; `link` carries bytes. What the link needs of the store
it asks for in `ports`.
"""

from cloud_bridge.link.link import Link
from cloud_bridge.link.ports import Inbox, InboxPositions, Keyring, LinkState, Outbox, Unusable

__all__ = ["Inbox", "InboxPositions", "Keyring", "Link", "LinkState", "Outbox", "Unusable"]
