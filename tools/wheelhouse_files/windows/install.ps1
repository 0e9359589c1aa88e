# Installs geo-hotspots from the wheels beside this script. No network is used.
# 用本文件夹里的安装包离线安装 geo-hotspots，不联网。
#   powershell -ExecutionPolicy Bypass -File install.ps1 [-Target C:\geo-hotspots] [-Python C:\...\python.exe]
param(
    [string]$Target = (Join-Path $env:USERPROFILE "geo-hotspots"),
    [string]$Python = ""
)
$ErrorActionPreference = "Stop"
$env:PIP_CONFIG_FILE = "nul"
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$test = "import struct, sys; sys.exit(sys.version_info[:2] != tuple(map(int, '@PYTHON@'.split('.'))) or struct.calcsize('P') != 8)"

function Test-Python([string]$command, [string[]]$arguments) {
    if (-not (Get-Command $command -ErrorAction SilentlyContinue)) { return $false }
    & $command @arguments -c $test | Out-Null
    return ($LASTEXITCODE -eq 0)
}

$before = @()
if ($Python -ne "") { $command = $Python }
elseif (Test-Python "py" @("-@PYTHON@")) { $command = "py"; $before = @("-@PYTHON@") }
else { $command = "python" }
if (-not (Test-Python $command $before)) {
    throw "需要 64 位 Python @PYTHON@，请先安装，或用 -Python 指明 python.exe / 64-bit Python @PYTHON@ is needed; install it or name its python.exe with -Python"
}
if ((Test-Path "$Target\*") -and -not (Test-Path "$Target\pyvenv.cfg")) {
    throw "$Target 里已有别的文件，请换一个文件夹 / $Target holds other files; choose another folder"
}

& $command @before -m venv $Target
if ($LASTEXITCODE -ne 0) { throw "不能在 $Target 建立环境 / no environment could be made in $Target" }
& "$Target\Scripts\python.exe" -m pip install --isolated --disable-pip-version-check --quiet --upgrade --force-reinstall --no-index --find-links $here --require-hashes --requirement "$here\requirements.txt"
if ($LASTEXITCODE -ne 0) { throw "安装失败 / installation failed" }
& "$Target\Scripts\geo-hotspots.exe" --version
if ($LASTEXITCODE -ne 0) { throw "装好了，但不能运行 / installed, but it does not start" }
Write-Host "$Target\Scripts\geo-hotspots.exe"
