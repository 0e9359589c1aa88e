"""Files for GIS staff: GeoJSON, GeoPackage, Shapefile, styles and the dictionary of fields."""
