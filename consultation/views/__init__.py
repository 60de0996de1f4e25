"""The doors of a meeting, by who stands before them."""
