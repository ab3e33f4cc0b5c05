"""An order's life in the store: picked, staged, handed over against proof, seen to be gone."""
