"""Tests of what is told of a run; pytest runs in folders of their own."""
