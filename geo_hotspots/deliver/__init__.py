"""What users open: map, GeoJSON, GeoPackage, patrol list and report."""
