"""Find where the next complaint would come from: hotline cases to places, points and patrols."""

__version__ = "0.1.0"
