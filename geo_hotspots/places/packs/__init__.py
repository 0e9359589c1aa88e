"""Boundary packs: read, built from official files, checked, written."""
