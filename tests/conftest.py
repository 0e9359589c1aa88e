"""Fixtures that many tests share: the small city, and hypothesis without a clock."""

from collections.abc import Iterator

import pytest
from city import small_pack
from hypothesis import settings

from geo_hotspots.deliver.drawing import raster
from geo_hotspots.places.packs.pack import Pack

pytest_plugins = ("browser", "demo_run")

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests build out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEO_HOTSPOTS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _rough_pictures() -> Iterator[None]:
    """Draw the Word file's pictures roughly: hundreds of reports are written and none is printed.

    `test_report_docx` holds the sharpness that ships.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster, "SHARPNESS", 0.25)
        yield


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("city") / "small-city")
