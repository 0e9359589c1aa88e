"""What can go wrong for a user, each with a sentence in both languages and an exit status."""

from typing import ClassVar

from geo_hotspots.words import Lang, Words


class GeoHotspotsError(Exception):
    """Base class; the command line prints these in one line, without a traceback.

    A message says what is wrong, which value, and the way out.

    Parameters
    ----------
    zh, en
        The same sentence in Chinese and in English.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.words = Words(zh, en)

    def __str__(self) -> str:
        """Give the English sentence, which is what a traceback should show."""
        return self.words.en

    def say(self, lang: Lang) -> str:
        """Give the sentence in the user's language."""
        return self.words.say(lang)


class ConfigError(GeoHotspotsError, ValueError):
    """A setting or an argument is missing, unknown, or out of range."""

    exit_status = 2


class InputError(GeoHotspotsError, ValueError):
    """A file of cases cannot be used: absent, empty, unreadable, or without what we need."""

    exit_status = 3


class PackError(GeoHotspotsError, ValueError):
    """A pack, or the boundaries and places it is to be built from, cannot be used."""

    exit_status = 3


class OutputError(GeoHotspotsError, OSError):
    """A result cannot be written where it was asked for."""


class AssetError(GeoHotspotsError, LookupError):
    """A page asks for a script or a style that does not ship with us."""


class HistoryError(GeoHotspotsError, OSError):
    """A history is held by another program, damaged, of a newer version, or another pack's."""


class WorkersError(GeoHotspotsError, RuntimeError):
    """Processes that were to share the work died again and again."""
