"""Which datum coordinates are in, and the way to WGS84 and back."""
