"""Areas: which cells are hot, what is emerging, and what was only counted differently."""
