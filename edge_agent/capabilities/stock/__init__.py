"""The ledger of what the store has: counted, sold, reserved for orders."""
