"""Compile the catalogues of geo_hotspots/locale; the same bytes from the same words.

python tools/compile_locale.py
"""

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "geo_hotspots" / "locale"


def compile_catalogue(po: Path) -> bytes:
    """Give the bytes of the `.mo` that belongs beside a `.po`."""
    with po.open("rb") as words:
        catalogue = read_po(words, locale=po.parent.parent.name, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def main() -> None:
    """Write a `.mo` beside every `.po`."""
    for po in sorted(LOCALE.rglob("*.po")):
        po.with_suffix(".mo").write_bytes(compile_catalogue(po))
        print(po.with_suffix(".mo").relative_to(LOCALE))


if __name__ == "__main__":
    main()
