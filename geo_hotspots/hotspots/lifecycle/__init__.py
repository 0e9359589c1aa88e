"""What becomes of a point: its state week by week, rectified, rebounded, gone."""
