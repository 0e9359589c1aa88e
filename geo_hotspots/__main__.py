"""`python -m geo_hotspots` is `geo-hotspots`."""

from geo_hotspots.cli import main

if __name__ == "__main__":
    main()
