"""What is secret: by the shape of a value (``shapes``), and in any data and text (``texts``)."""
