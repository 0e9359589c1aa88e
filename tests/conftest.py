"""Fixtures that many tests share: the small city, and hypothesis without a clock."""

import pytest
from city import small_pack
from hypothesis import settings

from geo_hotspots.places.pack import Pack

pytest_plugins = ("browser", "demo_run")

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("city") / "small-city")
