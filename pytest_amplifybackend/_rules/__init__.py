"""What a request must hold to: constraints, documented limits, parameter rules as rows."""
