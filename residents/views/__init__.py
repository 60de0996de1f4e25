"""Doors to the roll, the claims and the offices of a village."""
