"""The benchmark: the portal beside a textbook poll and a bare broadcaster. `make bench` runs `bench.run`."""
