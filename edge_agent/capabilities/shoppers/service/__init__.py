"""The room's service, and the directory of who may be followed."""

from edge_agent.capabilities.shoppers.service.directory import Directory
from edge_agent.capabilities.shoppers.service.people import Around, Receipt, Shoppers

__all__ = ["Around", "Directory", "Receipt", "Shoppers"]
