"""Command line tools that look after the Amplify backend of a shop."""
