"""How right the zones are, on recordings of real radio with the truth beside them."""
