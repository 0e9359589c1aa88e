"""Repeat points: cases gathered to spots, and which of them are more than chance."""
