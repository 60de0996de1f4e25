"""The doors of contests, by what one comes for."""
