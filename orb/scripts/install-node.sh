# Installs Node.js for circleback where an image has none: `sh install-node.sh FOLDER` leaves
# FOLDER/node-v<version>/bin/node and nothing else. For any POSIX shell.
#
# CIRCLEBACK_PARAM_INSTALL_NODE: 1 or true; otherwise it only says what to do instead.
# CIRCLEBACK_NODE_MIRROR: where to download from instead of https://nodejs.org/dist, in the same layout.
# Exit codes: 2 it may not or cannot install with these settings on this system, 4 the download failed or is not the official archive.
set -eu
folder=$1

# Node 22, not 24: both need glibc 2.28, but 22 also runs on macOS 11 and 12 (BUILDING.md of either).
version=22.23.2
attempts=3
attempt_seconds=180
stall_seconds=20
pause_seconds=2

found=$(node --version 2>/dev/null) || found=none
case ${CIRCLEBACK_PARAM_INSTALL_NODE:-} in
  1 | true) echo "circleback needs Node.js 18 or later (found: $found)." ;;
  *)
    echo "Error: circleback needs Node.js 18 or later (found: $found), and install-node is false." >&2
    echo "  - Use an image that has it, such as cimg/node, or set install-node to true." >&2
    exit 2
    ;;
esac

# fail CODE MESSAGE HINT
fail() {
  printf 'Error: circleback cannot install Node.js: %s\n  - %s\n' "$2" "$3" >&2
  exit "$1"
}
remedy='Use an image that has Node.js 18 or later, such as cimg/node, or install it in an earlier step.'

# The sums are those of https://nodejs.org/dist/v22.23.2/SHASUMS256.txt.
insecure='' loader=/
case $(uname -s)-$(uname -m) in
  Linux-x86_64)
    platform=linux-x64
    loader=/lib64/ld-linux-x86-64.so.2
    sum=b294a556e639d64338823920e5866c21c02741742d2e1529ee1a225c1ec9252a
    ;;
  Linux-aarch64 | Linux-arm64)
    platform=linux-arm64
    loader=/lib/ld-linux-aarch64.so.1
    sum=013b59cfd2819703a6f4a14ab891fc46fc2a4e3f5bcd92de3fb4929b43e35b30
    ;;
  Darwin-x86_64)
    platform=darwin-x64
    sum=58e99022c2ff89395576cc7fd4d98cea24bb68081475d5f88b801ee8729fb026
    ;;
  Darwin-arm64)
    platform=darwin-arm64
    sum=61130f394c1630d211dd50aecc4353d379480f36d3ac913cd85dbba1aed585c6
    ;;
  MINGW* | MSYS* | CYGWIN*)
    fail 2 "it can do so on Linux and macOS only." "On Windows, run 'choco install nodejs-lts' in an earlier step."
    ;;
  *) fail 2 "there is no archive for $(uname -s) on $(uname -m)." "$remedy" ;;
esac
[ -e "$loader" ] ||
  fail 2 "the official archives need glibc, and this system has none." \
    "On Alpine, run 'apk add nodejs' in an earlier step; elsewhere use an image that has Node.js 18 or later."

mirror=${CIRCLEBACK_NODE_MIRROR:-https://nodejs.org/dist}
authority=${mirror#*://}
authority=${authority%%[/?#]*}
host=${authority##*@} # a mirror's user and password are not for the log
case $mirror in
  https://?*) ;;
  http://localhost | http://localhost[:/]* | http://127.0.0.1 | http://127.0.0.1[:/]* | 'http://[::1]' | 'http://[::1]'[:/]*)
    [ "$host" = "$authority" ] || insecure=yes
    ;;
  *) insecure=yes ;;
esac
[ -z "$insecure" ] ||
  fail 2 "CIRCLEBACK_NODE_MIRROR does not begin with https:// (its host is $host)." \
    "Name a mirror of https://nodejs.org/dist that speaks https, or unset the variable."

has() { command -v "$1" >/dev/null 2>&1; }
has curl || has wget || fail 2 "neither curl nor wget is here." "$remedy"
has sha256sum || has shasum || has openssl || fail 2 "none of sha256sum, shasum and openssl is here." "$remedy"
{ has tar && has gzip; } || fail 2 "tar or gzip is missing." "$remedy"

name=node-v$version-$platform
target=$folder/node-v$version/bin/node
work='' job=''
trap 'rm -rf "$work"' EXIT
trap 'kill "$job" 2>/dev/null || :; exit 143' TERM INT HUP
mkdir -p "$folder"
work=$(mktemp -d "$folder/.install.XXXXXX")
archive=$work/node.tar.gz

# In the background, so that a signal ends it at once.
download() {
  if has curl; then
    curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time "$stall_seconds" --max-time "$attempt_seconds" \
      -o "$archive" "$1" &
  else
    timeout "$attempt_seconds" wget -q -t 1 -O "$archive" "$1" & # busybox may know no timeouts
  fi
  job=$!
  wait "$job"
}

sha256() {
  if has sha256sum; then
    sha256sum
  elif has shasum; then
    shasum -a 256
  else
    openssl dgst -sha256 -r
  fi
}

started=$(date +%s)
echo "Downloading Node.js $version ($platform) from $host"
attempt=1
until download "${mirror%/}/v$version/$name.tar.gz"; do
  [ "$attempt" -lt "$attempts" ] ||
    fail 4 "$host did not deliver v$version/$name.tar.gz in $attempts attempts." \
      "Set CIRCLEBACK_NODE_MIRROR to a mirror of https://nodejs.org/dist that this job can reach, or: $remedy"
  sleep "$pause_seconds"
  attempt=$((attempt + 1))
  echo "Trying again ($attempt of $attempts)"
done

got=$(sha256 <"$archive")
got=${got%% *}
[ "$got" = "$sum" ] ||
  fail 4 "what $host delivered is not the official archive: its SHA-256 is $got, not $sum." \
    "Nothing was installed. Find out who changes the downloads from there, and use another mirror until then."
tar -xzof "$archive" -C "$work" "$name/bin/node"
runs=$("$work/$name/bin/node" --version) || runs=''
[ "$runs" = "v$version" ] || fail 2 "it does not start here (it needs glibc 2.28 and libstdc++)." "$remedy"

# Renaming one file is atomic: steps that install at the same time cannot see half of it.
mkdir -p "${target%/*}"
mv -f "$work/$name/bin/node" "$target"
echo "Node.js $version is verified (SHA-256) and installed as $target in $(($(date +%s) - started)) s"
