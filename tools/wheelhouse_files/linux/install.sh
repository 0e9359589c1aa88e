#!/bin/sh
# Installs geo-hotspots from the wheels beside this script. No network is used.
# 用本文件夹里的安装包离线安装 geo-hotspots，不联网。
#   sh install.sh [FOLDER]        PYTHON=/path/to/python3 sh install.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-"$HOME/geo-hotspots"}
python=${PYTHON:-python@PYTHON@}
export PIP_CONFIG_FILE=/dev/null

if ! "$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '@PYTHON@')"; then
    echo "需要 Python @PYTHON@，请用 PYTHON=... 指明 / Python @PYTHON@ is needed; name it with PYTHON=..." >&2
    exit 1
fi
if [ -n "$(ls -A "$target" 2>/dev/null)" ] && [ ! -e "$target/pyvenv.cfg" ]; then
    echo "$target 里已有别的文件，请换一个文件夹 / $target holds other files; choose another folder" >&2
    exit 1
fi
"$python" -m venv "$target"
"$target/bin/python" -m pip install --isolated --disable-pip-version-check --quiet \
    --upgrade --force-reinstall --no-index --find-links "$here" \
    --require-hashes --requirement "$here/requirements.txt"
"$target/bin/geo-hotspots" --version
echo "$target/bin/geo-hotspots"
