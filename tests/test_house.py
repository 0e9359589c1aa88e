"""The house: versions are pinned, the wheel is whole, an office without internet can install it."""

import gettext
import io
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import geo_hotspots

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import compile_locale  # noqa: E402 - a script beside the package
import licences  # noqa: E402 - a script beside the package
import wheelhouse  # noqa: E402 - a script beside the package

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PO = ROOT / "geo_hotspots" / "locale" / "zh" / "LC_MESSAGES" / "messages.po"
PIN = re.compile(r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][0-9a-z.]*)")

# What click says only to the author of a program, never to its user.
FOR_PROGRAMMERS = {
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Could not determine name for option with declarations {decls!r}",
    (
        "No options defined but a name was passed ({name}). Did you mean to declare an argument "
        "instead? Did you mean to pass '--{name}'?"
    ),
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Invalid start character for option ({option})",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
}


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [PIN.fullmatch(line) for line in lines if not line.startswith("#")]
    return {match["name"]: match["version"] for match in found if match}


# --- versions


def test_constraints_hold_names_and_versions_and_no_address():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines[1:] if not PIN.fullmatch(line)] == []
    assert "://" not in lines[0]
    assert lines[1:] == sorted(lines[1:], key=lambda line: line.split("==")[0])


def test_every_dependency_is_pinned_within_what_pyproject_allows():
    optional = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    asked = [Requirement(line) for line in (*PROJECT["dependencies"], *optional)]
    held = pins()
    wrong = [
        str(requirement)
        for requirement in asked
        if not requirement.specifier.contains(held.get(canonicalize_name(requirement.name), "0"))
    ]
    assert wrong == []


def test_what_the_runtime_stands_on_is_pinned_to_the_last_package():
    held, wanted, seen = pins(), ["geo-hotspots"], {"geo-hotspots"}
    while wanted:
        for line in metadata.requires(wanted.pop()) or []:
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            if name not in seen and (not requirement.marker or requirement.marker.evaluate()):
                seen.add(name)
                wanted.append(name)
    assert len(seen) > len(PROJECT["dependencies"])
    assert seen - {"geo-hotspots"} - set(held) == set()


def test_there_is_one_version():
    printed = subprocess.run(
        [sys.executable, "-m", "geo_hotspots", "--version"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert printed.split() == ["geo-hotspots", geo_hotspots.__version__]
    assert "version" in PROJECT["dynamic"]
    assert metadata.version("geo-hotspots") == geo_hotspots.__version__


# --- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_all_that_a_run_needs(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    pack = {f"boundaries/dongcheng/{p.name}" for p in (ROOT / "boundaries/dongcheng").iterdir()}
    assert {"boundaries/dongcheng/pack.toml", "boundaries/dongcheng/places.csv"} <= pack
    files = {
        path.relative_to(ROOT / "geo_hotspots").as_posix()
        for path in (ROOT / "geo_hotspots").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"py.typed", "locale/zh/LC_MESSAGES/messages.mo"} <= files
    assert any(name.startswith("deliver/assets/") for name in files)
    assert {f"geo_hotspots/{name}" for name in pack | files} <= held


def test_the_wheel_carries_nothing_else(wheel):
    held = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in held} == {
        "geo_hotspots",
        f"geo_hotspots-{geo_hotspots.__version__}.dist-info",
    }
    assert not [name for name in held if re.search(r"\.pyc$|/sources/|/test_", name)]


def test_an_unpacked_wheel_finds_its_pack_far_from_the_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import geo_hotspots.places.packs.pack as p\n"
        "print(p.__file__)\n"
        "print(p.find_pack('dongcheng'))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment,
        capture_output=True, check=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert [Path(line).is_relative_to(tmp_path / "site") for line in printed] == [True, True]


# --- the wheelhouse


def made_up_wheel(folder, name, version, *requires, tag="py3-none-any"):
    """Write a wheel of nothing but metadata."""
    path = folder / f"{name}-{version}-{tag}.whl"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(path, "w") as archive:
        info = f"{name}-{version}.dist-info"
        lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
        archive.writestr(f"{info}/METADATA", head + lines)
        archive.writestr(
            f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def shelf(tmp_path):
    """Wheels of which one asks for another, some only on Windows, one only for an extra."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    made_up_wheel(folder, "made_up_first", "1.0", 'made-up-second[colour]; os_name == "nt"')
    made_up_wheel(folder, "made_up_second", "1.0", 'made-up-third; extra == "colour"')
    made_up_wheel(folder, "made_up_third", "1.0", 'made-up-first; sys_platform == "win32"')
    made_up_wheel(folder, "made_up_fourth", "1.0", tag="cp311-cp311-win_amd64")
    return folder


def gathered(tmp_path, shelf, platform, *requires):
    """Gather a made-up wheel with these requirements, from the shelf and from nowhere else."""
    ours = made_up_wheel(tmp_path, "made_up", "1.0", *requires)
    house = tmp_path / "house"
    house.mkdir()
    options = ["--no-index", "--find-links", str(shelf)]
    wheels = wheelhouse.gather(ours, platform, "3.11", house, options=options)
    return [wheel.name.split("-")[0] for wheel in wheels]


def test_a_wheelhouse_holds_what_only_windows_needs_and_what_that_needs(tmp_path, shelf):
    held = gathered(tmp_path, shelf, "win_amd64", "made_up_first", "made_up_fourth")
    asked = ["made_up", "made_up_first", "made_up_fourth", "made_up_second", "made_up_third"]
    assert held == asked


def test_a_wheelhouse_leaves_out_what_another_system_needs(tmp_path, shelf):
    held = gathered(
        tmp_path, shelf, "manylinux_2_28_x86_64",
        "made_up_first", 'made_up_fourth; platform_system == "Windows"',
    )  # fmt: skip
    assert held == ["made_up", "made_up_first"]


def test_a_package_without_a_wheel_for_the_platform_is_refused(tmp_path, shelf):
    with pytest.raises(wheelhouse.WheelhouseError, match="no binary wheels for manylinux_2_28"):
        gathered(tmp_path, shelf, "manylinux_2_28_x86_64", "made_up_fourth")


def test_wheels_that_contradict_each_other_are_refused(tmp_path):
    asks = made_up_wheel(tmp_path, "asks", "1.0", "given>=2")
    given = made_up_wheel(tmp_path, "given", "1.0")
    environment = wheelhouse.environment_of("win_amd64", "3.11")
    with pytest.raises(wheelhouse.WheelhouseError, match=r"asks-1.0\S+ needs given>=2, not 1.0"):
        wheelhouse.check_versions([asks, given], environment)


def installed(folder, into):
    """Install what a wheelhouse lists, as its script does."""
    return subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-index", "--find-links", folder, "--require-hashes", "--target", into,
         "--requirement", folder / "requirements.txt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_wheel_that_was_exchanged_on_the_way_is_not_installed(tmp_path, shelf):
    wheelhouse.write_hashes(shelf, shelf.glob("made_up_third*.whl"))
    assert installed(shelf, tmp_path / "one").returncode == 0
    made_up_wheel(shelf, "made_up_third", "1.0", "something-else")
    done = installed(shelf, tmp_path / "two")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_every_wheel_of_a_wheelhouse_has_its_hash_and_the_scripts_demand_it(shelf):
    lines = wheelhouse.write_hashes(shelf, shelf.glob("*.whl")).read_text("utf-8").splitlines()
    assert len(lines) == len(list(shelf.glob("*.whl")))
    assert all(re.fullmatch(r"[a-z-]+==1\.0 --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    for script in (ROOT / "tools" / "wheelhouse_files").glob("*/install.*"):
        assert "--require-hashes" in script.read_text("utf-8")


@pytest.mark.parametrize("platform", ["windows", "win", "macosx_11_0_arm64", ""])
def test_an_unknown_platform_is_refused_with_names_of_known_ones(platform):
    with pytest.raises(wheelhouse.WheelhouseError, match="unknown; name one such as win_amd64"):
        wheelhouse.environment_of(platform, "3.11")


@pytest.mark.parametrize(
    ("platform", "script"), [("win_amd64", "ps1"), ("manylinux1_x86_64", "sh")]
)
def test_a_wheelhouse_says_how_to_install_without_a_network(tmp_path, platform, script):
    assert wheelhouse.write_scripts(tmp_path, platform, "3.12") == [
        "README.txt",
        f"install.{script}",
    ]
    texts = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    install = texts[f"install.{script}"].decode("utf-8-sig")
    assert "--no-index" in install
    assert "3.12" in install
    assert not any(b"@PYTHON@" in text for text in texts.values())
    is_windows = platform.startswith("win")
    assert all(text.startswith(b"\xef\xbb\xbf") == is_windows for text in texts.values())
    assert all((b"\r\n" in text) == is_windows for text in texts.values())


# --- the words of the command line


def test_the_compiled_words_are_those_that_are_written():
    assert PO.with_suffix(".mo").read_bytes() == compile_locale.compile_catalogue(PO)


def test_every_sentence_that_click_can_say_to_a_user_has_its_chinese():
    catalogue = read_po(io.BytesIO(PO.read_bytes()), locale="zh", abort_invalid=True)
    keywords = {"_": None, "ngettext": (1, 2)}
    said = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(Path(click.__file__).parent, keywords=keywords)
    }
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.string and all(message.string)
    }
    assert len(said) > 50
    assert said - translated - FOR_PROGRAMMERS == set()


def test_a_translation_fills_in_no_value_that_click_does_not_give():
    with PO.with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    pairs = [(key, text) for key, text in words._catalog.items() if key]
    field = re.compile(r"\{\w+(?:!r)?\}|%\(\w+\)s")
    given = {
        (key[0] if isinstance(key, tuple) else key): set(field.findall(text)) for key, text in pairs
    }
    plural = {"Did you mean {possibility}?": {"{possibilities}"}}
    plural |= {
        "{value!r} is not {choice}.": {"{value!r}", "{choices}"},
        "{value!r} does not match the format {format}.": {"{value!r}", "{formats}"},
    }
    wrong = {
        key for key, used in given.items() if not used <= plural.get(key, set(field.findall(key)))
    }
    assert wrong == set()


def said_by(*args):
    """Call the command line as a user does; give all that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "geo_hotspots", *args],
        capture_output=True, check=False, text=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout + done.stderr


def test_help_is_in_chinese_and_with_lang_en_in_english():
    chinese, english = said_by("run", "--help"), said_by("--lang", "en", "run", "--help")
    for zh, en in [
        ("用法", "Usage"),
        ("选项", "Options"),
        ("默认", "default"),
        ("显示本说明", "Show this"),
    ]:
        assert zh in chinese
        assert en not in chinese
        assert en in english
        assert zh not in english


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["run"], "缺少参数 'CASES...'"),
        (["rum"], "没有命令 'rum'。 是否想写 'run'？"),
        (["demo", "--ouy", "x"], "没有选项 '--ouy'。"),
        (["run", "x", "--period", "year"], "'year' 不在可选值 'day', 'week', 'month' 之中。"),
        (["demo", "--out"], "选项 '--out' 后面缺少值。"),
    ],
)
def test_a_wrong_call_is_answered_in_chinese(args, sentence):
    assert sentence in said_by(*args)


# --- make and CI


def test_every_target_of_make_says_what_it_does():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)[1].split()
    described = dict(re.findall(r"^([a-z]+):.*## (.+)$", text, flags=re.MULTILINE))
    assert {"demo", "test", "check", "wheelhouse"} <= set(targets)
    assert sorted(described) == sorted(targets)


def test_ci_is_a_script_that_bash_understands():
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("name", ["install.md", "install.zh-CN.md"])
def test_the_way_to_install_names_real_targets_and_files(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    made = set(re.findall(r"\bmake ([a-z]+)", text))
    assert {"demo", "wheelhouse"} <= made
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [
        target for target in made if not re.search(rf"^{target}:", makefile, re.MULTILINE)
    ] == []
    assert "install.ps1" in text
    assert "install.sh" in text


def test_every_package_that_a_run_needs_has_its_licence_listed_and_none_is_the_gpl():
    found = licences.runtime()
    assert {"pandas", "shapely", "certifi"} <= set(found)  # the last is a package's package
    listed = dict(
        re.findall(r"^\| (\S+) \| (.+) \|$", licences.TABLE.read_text("utf-8"), re.MULTILINE)
    )
    # Python versions and systems differ in a package or two; what is here must be listed.
    assert set(found) <= set(listed)
    assert all(found.values())
    assert [name for name, licence in found.items() if re.search(r"\bA?GPL", licence)] == []
