"""The doors of a village's rules."""
