"""What is told of a run: imported when there is something to tell."""
