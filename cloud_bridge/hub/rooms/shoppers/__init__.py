"""Shoppers who joined in the retailer's app: handed to their store, dropped when they leave."""
