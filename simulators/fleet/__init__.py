"""Many stores at once, as a hub meets them: each speaks the contract, off a log of its own."""
