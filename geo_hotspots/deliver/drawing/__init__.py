"""Pictures in SVG, drawn in Python."""
