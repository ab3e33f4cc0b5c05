"""The room's steps: orders from the cloud and from people, doors and their sensors."""

from edge_agent.capabilities.pickup.service.doors import DoorKeeper
from edge_agent.capabilities.pickup.service.orders import Pickups

__all__ = ["DoorKeeper", "Pickups"]
