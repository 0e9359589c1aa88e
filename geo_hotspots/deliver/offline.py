"""The page shell: one HTML file that holds everything it needs and asks the network for nothing.

Pages are jinja2 templates in ``assets/`` that extend ``page.html.j2``. Text is escaped, scripts
and styles are written into the file, and a content security policy (CSP) stands behind both, so
that a citizen's words can never run, even where an escape was forgotten.

Assets of others are named in one table with the SHA-256 of each file: another version, or a name
that does not ship with us, is refused. Nothing falls through to the network.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from geo_hotspots.errors import AssetError
from geo_hotspots.words import Lang

LANG_TAG: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}
MEDIA_TYPE = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

_OWN = re.compile(r"[a-z0-9_]+\.(css|js)")
_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SOURCE_MAP = re.compile(r"(?m)^\s*//# sourceMappingURL=.*$")


@dataclass(frozen=True)
class Asset:
    """A file that ships in another package, and the only content of it that we accept.

    A script that `is_packed` stands deflated in the page, at two fifths of its size.
    """

    package: str
    path: str
    sha256: str
    is_packed: bool = False


class Script(NamedTuple):
    """A script as it stands in a page: code, or what `packed.js` makes code of."""

    code: Markup
    packed: str = ""
    size: int = 0  # bytes of what is packed


_LEAFLET = "xstatic.pkg.leaflet"

# Leaflet 1.9.3, the version that folium 0.20 writes for.
VENDORED: Mapping[str, Asset] = {
    "leaflet/leaflet.js": Asset(
        _LEAFLET,
        "data/leaflet.js",
        "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
        is_packed=True,
    ),
    "leaflet/leaflet.css": Asset(
        _LEAFLET,
        "data/leaflet.css",
        "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
    ),
    "leaflet/images/layers.png": Asset(
        _LEAFLET,
        "data/images/layers.png",
        "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    ),
    "leaflet/images/layers-2x.png": Asset(
        _LEAFLET,
        "data/images/layers-2x.png",
        "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    ),
    "leaflet/images/marker-icon.png": Asset(
        _LEAFLET,
        "data/images/marker-icon.png",
        "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
    ),
}


def render_page(
    template: str,
    *,
    title: str,
    lang: Lang,
    css: Iterable[str] = (),
    js: Iterable[str] = (),
    images: Sequence[str] = (),
    **context: Any,
) -> str:
    """Render a template of ``assets/`` as one page that needs no network.

    The page is rendered twice, the second time with the nonce that its scripts must carry: a
    hash of the first rendering. So equal input gives equal bytes. On a web server a nonce has to
    be new in every answer, since a visitor could have read the last one; a file is written once,
    and whoever wants to smuggle a script into it would have to know the nonce of the page that
    already holds the script: the hash of a text with that hash inside.

    Parameters
    ----------
    template
        File name in ``assets/``; it extends ``page.html.j2`` and fills its block ``body``.
    title, lang
        Of the whole page; both are in the template's context too.
    css, js
        Assets, in the order they apply: our own by file name (``"map.css"``), those of others by
        their name in `VENDORED`. Scripts stand at the end of the body.
    **context
        What the template shows. Iterators would be empty in the second rendering: give lists.
        Text is escaped; the filter ``json`` writes data for scripts.

    Raises
    ------
    AssetError
        A script or style does not ship with us, or its file is not the one we know.
    """
    page = _environment().get_template(template)
    values = {
        **context,
        "title": title,
        "lang": lang,
        "lang_tag": LANG_TAG[lang],
        "images": list(images),
        "styles": [stylesheet(name) for name in css],
        "scripts": list(_scripts(js)),
    }
    first = page.render(values, nonce="")
    digest = hashlib.sha256(first.encode()).digest()
    return page.render(values, nonce=base64.urlsafe_b64encode(digest[:18]).decode())


def _scripts(names: Iterable[str]) -> Iterator[Script]:
    """Give the scripts in order; before the first packed one comes what unpacks it."""
    can_unpack = False
    for name in names:
        code = read_asset(name)
        if name not in VENDORED or not VENDORED[name].is_packed:
            yield Script(script(code.decode()))
            continue
        if not can_unpack:
            yield Script(script(read_asset("packed.js").decode()))
            can_unpack = True
        code = _SOURCE_MAP.sub("", code.decode()).encode()
        yield Script(Markup("Packed.run();"), deflate(code), len(code))


def deflate(stream: bytes) -> str:
    """Write bytes as text: raw deflate (RFC 1951), then base 64; `packed.js` reads it."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(press.compress(stream) + press.flush()).decode()


def to_json(value: Any) -> Markup:
    """Write `value` as JSON that is safe anywhere in a page, inside ``<script>`` too.

    Raises
    ------
    ValueError
        A number is not finite: JSON has no NaN; give None.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing that HTML could take for its own is left


def script(code: str) -> Markup:
    """Make trusted code fit to stand between ``<script>`` and ``</script>``."""
    code = _SOURCE_MAP.sub("", code)
    code = re.sub(r"<(/script|!--)", r"<\\\1", code, flags=re.IGNORECASE)
    return Markup(code.strip())  # noqa: S704 - the caller vouches for the code


def stylesheet(name: str) -> Markup:
    """Give a style as text whose ``url()`` are data inside it.

    Raises
    ------
    AssetError
        The style, or a file that it points to, does not ship with us.
    """
    folder = name.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        target = match[1]
        if target.startswith(("#", "data:")):
            return match[0]
        return f"url({data_uri(f'{folder}/{target}' if folder else target)})"

    text = _URL.sub(inline, _CSS_COMMENT.sub("", read_asset(name).decode()))
    text = re.sub(r"<(/style)", r"<\\\1", text, flags=re.IGNORECASE)
    return Markup(text.strip())  # noqa: S704 - our own file or one whose hash we know


def data_uri(name: str) -> str:
    """Give a picture or font as a ``data:`` address."""
    suffix = "." + name.rpartition(".")[2]
    if suffix not in MEDIA_TYPE:
        raise _unknown(name)
    content = base64.b64encode(read_asset(name)).decode()
    return f"data:{MEDIA_TYPE[suffix]};base64,{content}"


def read_asset(name: str) -> bytes:
    """Read an asset by its name in `VENDORED`, or one of our own by its file name.

    Raises
    ------
    AssetError
        The name is unknown, or the file is not the one whose hash we know.
    """
    if name in VENDORED:
        return read_vendored(VENDORED[name])
    own: Traversable = files("geo_hotspots.deliver") / "assets" / name
    if not _OWN.fullmatch(name) or not own.is_file():
        raise _unknown(name)
    return own.read_bytes()


def read_vendored(asset: Asset) -> bytes:
    """Read a file of another package.

    Raises
    ------
    AssetError
        Its content is not the one that we have looked at and tested.
    """
    content = files(asset.package).joinpath(asset.path).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != asset.sha256:
        raise AssetError(
            f"{asset.package} 中的 {asset.path} 与所用版本不符（SHA-256 {found[:12]}…）；"
            "请按约束文件重新安装依赖",
            f"{asset.path} of {asset.package} is not the file we know (SHA-256 {found[:12]}…); "
            "install the dependencies again from the constraints file",
        )
    return content


def _unknown(name: str) -> AssetError:
    return AssetError(
        f"页面资源 {name!r} 未随软件提供，也不从网络下载；"
        f"可用的有 {', '.join(VENDORED)} 及自带文件",
        f"the page asset {name!r} does not ship with us and is never downloaded; "
        f"there are {', '.join(VENDORED)} and our own files",
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("geo_hotspots.deliver", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["json"] = to_json
    return environment
