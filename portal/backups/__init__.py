"""One file that holds the site (docs/operations.md): `making` writes it, `restoring` brings it back."""
