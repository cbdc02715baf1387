# circleback: keeps its program (JavaScript) in a private folder, finds Node.js, runs the program, tidies up.
# For any POSIX shell; on Windows the job needs "shell: bash.exe".
set -e
dir='' signal=''
pass_on() { signal=$1; kill -s "$1" "$!" 2>/dev/null || :; }
trap 'rm -rf "$dir"' EXIT
trap 'pass_on TERM' TERM HUP INT

dir=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/circleback.XXXXXX") || {
  echo "Error: circleback cannot make a folder for its program in ${TMPDIR:-/tmp}." >&2
  exit 2
}
printf '%s' "$CIRCLEBACK_PROGRAM" >"$dir/circleback.cjs"
printf '%s' "$CIRCLEBACK_INSTALL_NODE_SCRIPT" >"$dir/install-node.sh"
unset CIRCLEBACK_PROGRAM CIRCLEBACK_INSTALL_NODE_SCRIPT
unset NODE_OPTIONS # meant for your programs; certificates still come from NODE_EXTRA_CA_CERTS
export NODE_USE_ENV_PROXY=1

# A shell that waits for a foreground command keeps signals to itself, hence the background.
run() {
  [ -z "$signal" ] || exit 143
  "$@" </dev/null &
  while :; do
    signal='' code=0
    wait "$!" || code=$?
    [ -n "$signal" ] || return "$code" # a signal cuts the waiting short, the command may still run
  done
}

# Node.js 18 or later: the image's own, or one that an earlier step of this job has installed.
folder=${HOME:-$dir}/.circleback
find_node() {
  for node in node "$folder"/node-v*/bin/node; do
    case $("$node" --version 2>/dev/null) in v1[89].* | v[2-9][0-9].* | v[1-9][0-9][0-9].*) return 0 ;; esac
  done
  return 1
}
if ! find_node; then
  found=$(node --version 2>/dev/null) || found=none
  case ${CIRCLEBACK_PARAM_INSTALL_NODE:-} in 1 | true) ;; *)
    echo "Error: circleback needs Node.js 18 or later (found: $found), and install-node is false." >&2
    echo "  - Use an image that has it, such as cimg/node, or set install-node to true." >&2
    exit 2 ;;
  esac
  echo "circleback needs Node.js 18 or later (found: $found)."
  { mkdir -p "$folder" && [ -w "$folder" ]; } 2>/dev/null || folder=$dir
  run sh "$dir/install-node.sh" "$folder"
  find_node
fi

trap 'pass_on INT' INT
run "$node" "$dir/circleback.cjs"
