"""Texts to places: names found, numbers read, mistakes rescued, candidates weighed."""
