"""What is reported of a run: imported when there is something to report."""
