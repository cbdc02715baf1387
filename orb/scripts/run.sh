# circleback: keeps its program (JavaScript) in a private folder, finds Node.js, runs the program, tidies up.
# For any POSIX shell; on Windows the job needs "shell: bash.exe".
set -e
cb_dir='' cb_signal='' # cb_: the program sees your own variables as you set them
cb_pass_on() { cb_signal=$1; kill -s "$1" "$!" 2>/dev/null || :; }
trap 'rm -rf "$cb_dir"' EXIT
trap 'cb_pass_on TERM' TERM HUP QUIT INT

cb_dir=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/circleback.XXXXXX") || {
  echo "Error: circleback cannot make a folder for its program in ${TMPDIR:-/tmp}." >&2
  exit 2
}
cb_kept=.circleback/program # where the first step of two leaves the program to the second
if [ "${CIRCLEBACK_PART:-}" != second ]; then
  printf '%s' "$CIRCLEBACK_PROGRAM" >"$cb_dir/circleback.cjs"
  printf '%s' "$CIRCLEBACK_INSTALL_NODE_SCRIPT" >"$cb_dir/install-node.sh"
elif ! cp -R "$cb_kept/." "$cb_dir"; then
  echo "Error: the step before this one has left no program in $cb_kept." >&2
  exit 2
fi
unset CIRCLEBACK_PROGRAM CIRCLEBACK_INSTALL_NODE_SCRIPT
unset NODE_OPTIONS # meant for your programs; certificates still come from NODE_EXTRA_CA_CERTS
export NODE_USE_ENV_PROXY=1

# A shell that waits for a foreground command keeps signals to itself, hence the background.
cb_run() {
  [ -z "$cb_signal" ] || exit 143
  "$@" </dev/null &
  while :; do
    cb_signal='' cb_code=0
    wait "$!" || cb_code=$?
    [ -n "$cb_signal" ] || return "$cb_code" # a signal cuts the waiting short, the command may still run
  done
}

# Node.js 18 or later: the image's own, or one that an earlier step of this job has installed, or a new one.
cb_folder=$cb_dir
if [ -d "${HOME:-}" ] && [ -w "$HOME" ]; then cb_folder=$HOME/.circleback; fi
cb_find_node() {
  for cb_node in node "$cb_folder"/node-v*/bin/node; do
    case $("$cb_node" --version 2>/dev/null) in v1[89].* | v[2-9][0-9].* | v[1-9][0-9][0-9].*) return 0 ;; esac
  done
  return 1
}
# A command that has a parameter `strict`, which is false, fails no job, not even for want of Node.js.
cb_give_up() {
  case ${CIRCLEBACK_PARAM_STRICT:-1} in 0 | false) exit 0 ;; esac
  exit "$1"
}
if ! cb_find_node; then
  cb_run sh "$cb_dir/install-node.sh" "$cb_folder" || cb_give_up "$?"
  cb_find_node
fi

trap 'cb_pass_on INT' INT
cb_run "$cb_node" "$cb_dir/circleback.cjs"
case ${CIRCLEBACK_PART:-} in
  first) rm -rf "$cb_kept" && mkdir -p .circleback && mv "$cb_dir" "$cb_kept" ;;
  second) rm -rf "$cb_kept" ;;
esac
