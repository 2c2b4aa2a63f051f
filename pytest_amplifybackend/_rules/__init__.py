"""The rules: constraints, documented limits, every rule as a row, and requests checked by them."""
