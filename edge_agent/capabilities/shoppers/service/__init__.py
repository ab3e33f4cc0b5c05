"""The room's service, and the directory of who may be followed."""

from edge_agent.capabilities.shoppers.service.directory import Directory
from edge_agent.capabilities.shoppers.service.people import Around, Receipt, Shoppers
from edge_agent.capabilities.shoppers.service.stream import ShopperStream

__all__ = ["Around", "Directory", "Receipt", "ShopperStream", "Shoppers"]
