"""Hotspots: repeat points, areas, lifecycles, rankings and rates, as functions over frames."""
