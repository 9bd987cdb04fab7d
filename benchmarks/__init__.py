"""What is measured, each beside its floor or a peer in the same run, on one core. `make bench` runs it all."""
