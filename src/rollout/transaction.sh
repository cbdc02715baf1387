# One deploy or rollback, on the host that it is for. The lines before these say what, as plain assignments.
#
# `start` runs under ssh: it takes the lock, starts the transaction apart from the connection, and follows its log.
# Whatever becomes of the connection, the transaction goes on to its end: the new release, or the old one again.
# Nothing here is read before all of it has arrived, since a shell reads a function whole before it knows it.
# shellcheck disable=SC2154 # these lines set what is set nowhere here, and -u ends a shell that misses one
set -u
umask 077
trap '' HUP PIPE

base=$HOME/.circleback/$project
lock=$base/lock
run=$base/runs/$tx
auth=$base/login.$tx
before=$base/before.new
own="label=com.docker.compose.project=$project"
phase=start
release=
previous=
use=
began=
interrupted=
deadline=$(($(date +%s) + limit))

say() { printf '%s\n' "$*"; }
now() { date +%s; }
read_file() { cat "$1" 2>/dev/null || :; }
is_canceled() { [ -e "$run.cancel" ]; }
nap() { sleep 0.3 2>/dev/null || sleep 1; }

# What is asked of Docker takes 30 seconds at most; near the deadline, and after it, five.
engine() {
  left=$((deadline - $(now)))
  [ "$left" -lt 30 ] || left=30
  [ "$left" -gt 5 ] || left=5
  $limiter "$left" docker "$@"
}

outcome() {
  printf '{"result":"%s","phase":"%s","release":"%s","previous":"%s","before":"%s","now":"%s","image":"%s"}\n' "$1" \
    "$phase" "${release##*/}" "${previous##*/}" "$(read_file "${previous:-none}/version")" "$version" "$image"
}

# --- before the transaction, while the connection is needed -------------------------------------------------------

refuse() {
  phase=$1
  shift
  [ $# -eq 0 ] || printf '@%s!%s\n' "$tx" "$*"
  printf '@%s=%s\n' "$tx" "$(outcome refused)"
  exit 1
}

find_tools() {
  command -v docker >/dev/null 2>&1 || refuse tools "There is no program docker."
  timeout 5 true 2>/dev/null || refuse tools "There is no program timeout that takes seconds."
  limiter=timeout
  ! timeout -k 5 5 true 2>/dev/null || limiter="timeout -k 10"
  if docker compose version >/dev/null 2>&1; then
    tool="docker compose"
  elif command -v docker-compose >/dev/null 2>&1; then
    tool=docker-compose
  else
    refuse tools "There is neither docker compose nor docker-compose."
  fi
  words=$(engine version --format '{{.Server.Version}}' 2>&1) || refuse engine "$words"
  [ -z "$probe_url" ] || command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 ||
    refuse tools "There is neither curl nor wget, to ask $probe_url."
}

# Whether the lock that is there counts no more: past its time, or left by this workflow's own dead transaction.
is_stale() {
  expires=$(read_file "$lock/expires")
  case $expires in
    '' | *[!0-9]*) [ -n "$(find "$lock" -prune -mmin +5 2>/dev/null)" ] ;;
    *)
      [ "$(now)" -gt "$expires" ] && return
      [ "$(read_file "$lock/workflow")" = "$workflow" ] && ! kill -0 "$(read_file "$lock/pid")" 2>/dev/null
      ;;
  esac
}

# Only one may break it, and only while it is still stale: another may have broken it and taken it since.
break_lock() {
  [ -z "$(find "$lock.break" -prune -mmin +1 2>/dev/null)" ] || rmdir "$lock.break"
  mkdir "$lock.break" 2>/dev/null || return
  if is_stale; then
    printf '@%s!%s\n' "$tx" "Broke the lock of $(read_file "$lock/who"), which was left behind."
    rm -rf "$lock"
  fi
  rmdir "$lock.break"
  [ ! -d "$lock" ]
}

take_lock() {
  until=$(($(now) + lock_wait))
  while ! mkdir "$lock" 2>/dev/null; do
    if [ ! -d "$lock" ]; then # it was let go just now, or it cannot be made
      mkdir "$lock" 2>/dev/null && break
      [ -d "$lock" ] || refuse disk "Cannot make $lock."
    elif is_stale && break_lock; then
      : # now it is to be had
    elif [ "$(now)" -ge "$until" ]; then
      refuse lock "The lock is held by $(read_file "$lock/who"), until $(read_file "$lock/until") at the latest."
    else
      printf '@%s+%s\n' "$tx" "$(read_file "$lock/who")" || exit 1 # who waits for this has gone
      sleep 2
    fi
  done
  expires=$(($(now) + lock_limit))
  # A full disk is not to keep what has gone well from being written down, nor what has not from being restored.
  if head -c 65536 /dev/zero >"$lock/room" && say $$ >"$lock/pid" && say "$tx" >"$lock/tx" && say "$who" >"$lock/who" && say "$workflow" >"$lock/workflow" &&
    { date -u -d "@$expires" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || say "$expires"; } >"$lock/until" &&
    say "$expires" >"$lock/expires"; then
    return
  fi
  rm -rf "$lock"
  refuse disk "Cannot write to $lock."
}

start() {
  printf '@%s+\n' "$tx"
  mkdir -p "$base/runs" "$base/releases" || refuse disk "Cannot make $base."
  if [ ! -e "$run.log" ]; then
    find_tools
    take_lock
    [ ! -e "$run.log" ] || rm -rf "$lock"
  fi
  if [ -e "$run.log" ]; then # this very transaction came twice
    resume
    return
  fi
  why=canceled
  if is_canceled || { why=disk && ! printf '' >"$run.log"; }; then
    rm -rf "$lock"
    refuse "$why"
  fi
  transaction </dev/null >"$run.log" 2>&1 &
  follow $!
}

# Prints what the transaction says, from line `skip` on, and its outcome.
follow() {
  exec 3<"$run.log"
  over=$(($(now) + lock_limit)) # whoever has this number then is another
  count=0
  part=
  last=
  while [ -z "$last" ]; do
    if [ -e "$run.end" ] || ! kill -0 "$1" 2>/dev/null || [ "$(now)" -ge "$over" ]; then last=1; fi
    while IFS= read -r line <&3; do
      count=$((count + 1))
      [ "$count" -le "$skip" ] || printf '@%s|%s\n' "$tx" "$part$line" || exit 1
      part=
    done
    part=$part$line
    [ -n "$last" ] || nap
  done
  if [ -e "$run.end" ]; then
    printf '@%s=%s\n' "$tx" "$(cat "$run.end")"
  else
    printf '@%s=%s\n' "$tx" "$(outcome died)"
  fi
}

# Before anything has changed it ends the transaction, later not.
cancel() { mkdir -p "$base/runs" && printf '' >"$run.cancel"; }

# For whoever has lost the connection. Where nothing has begun, nothing will.
resume() {
  if [ -e "$run.log" ]; then
    [ -e "$run.pid" ] || sleep 2 # it has only just begun
    follow "$(read_file "$run.pid")"
  else
    cancel
    printf '@%s=%s\n' "$tx" "$(outcome absent)"
  fi
}

# For a job that was cancelled.
abandon() {
  cancel
  resume
}

# --- the transaction ----------------------------------------------------------------------------------------------

enter() {
  phase=$1
  say "== $2"
}

# Runs a command until the deadline at most.
timely() {
  left=$((deadline - $(now)))
  if [ "$left" -gt 0 ]; then
    $limiter "$left" "$@" && return
    code=$?
    [ "$(now)" -ge "$deadline" ] || return "$code"
  fi
  say "Out of time." >&2
  return 124
}

# Runs Compose with the release in `use`, until the deadline at most. Its variables come from a file that only this
# user can read, as a shell reads it: byte for byte, in either version of Compose.
compose() {
  [ ! -e "$use/images.yml" ] || set -- -f "$use/images.yml" "$@"
  # shellcheck disable=SC2016,SC2086 # text for another shell, and words
  timely sh -c '. "$0" && exec "$@"' "$use/env" \
    $tool -p "$project" --project-directory "$(cat "$use/home")" -f "$use/compose.yml" "$@"
}

# Service, image and name of the image of everything that runs.
snapshot() {
  ids=$(engine ps -q --filter "$own" --filter label=com.docker.compose.oneoff=False) || return
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one word for each
  lines=$(engine inspect -f '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}} {{.Config.Image}}' $ids) || return
  printf '%s\n' "$lines" | sort
}

# A release of what runs here already, which something else has deployed.
adopt() {
  id=$(engine ps -q --filter "$own" | head -n 1)
  files=$(engine inspect -f '{{index .Config.Labels "com.docker.compose.project.config_files"}}' "$id") &&
    home=$(engine inspect -f '{{index .Config.Labels "com.docker.compose.project.working_dir"}}' "$id") || return
  file=${files%%,*}
  say "What runs came from ${files:-elsewhere}: a rollback has its images and the first file, not its variables."
  case $file in
    /*) ;;
    *) file=$home/$file ;;
  esac
  previous=$base/releases/$(date -u +%Y%m%d-%H%M%S)-found
  mkdir -p "$previous" || return
  if [ ! -f "$file" ] || [ ! -s "$file" ]; then
    file=$release/compose.yml
    home=$(cat "$release/home")
  fi
  cat "$file" >"$previous/compose.yml" && say "$home" >"$previous/home" && printf '' >"$previous/env" &&
    say "what ran before" >"$previous/version" && cat "$before" >"$previous/images"
}

# Has Compose take the images that ran, service by service, whatever the file and its variables say of them. Which
# services these are is left in `pinned`.
pin() {
  rm -f "$use/images.yml"
  # A file that was found may need variables that nobody knows any more.
  names=$(compose config --services 2>/dev/null) || names=$(cut -d ' ' -f 1 "$1")
  pinned=
  {
    grep '^version:' "$use/compose.yml"
    say "services:"
    while read -r service _ name; do
      case " $pinned " in *" $service "*) continue ;; esac
      printf '%s\n' "$names" | grep -qxF "$service" || continue
      pinned="$pinned $service"
      printf '  %s:\n    image: "%s"\n' "$service" "$name"
    done <"$1"
  } >"$use/images.yml"
  [ -n "$pinned" ] || rm -f "$use/images.yml"
}

# Gives names of images that may have moved back to what they were.
retag() {
  [ ! -e "$1" ] || while read -r _ id name; do
    case $name in
      *@* | sha256:*) ;;
      *) engine tag "$id" "$name" 2>/dev/null || : ;;
    esac
  done <"$1"
}

write_release() {
  release=$base/releases/$(date -u +%Y%m%d-%H%M%S)-$tx
  mkdir "$release" || return
  if [ -n "$remote_path" ]; then
    if [ ! -r "$remote_path" ]; then
      say "There is no file $remote_path."
      return 1
    fi
    cat "$remote_path" >"$release/compose.yml" && home=$(dirname "$remote_path") && home=$(cd "$home" && pwd) || return
  else
    home=$base
    printf %s "$compose_file" >"$release/compose.yml" || return
    sum=$(sha256sum "$release/compose.yml" 2>/dev/null) || sum="$compose_sum "
    if [ "${sum%% *}" != "$compose_sum" ]; then
      say "compose.yml is not what was sent."
      return 1
    fi
  fi
  say "$home" >"$release/home" && printf %s "$env_file" >"$release/env" && say "$version" >"$release/version" &&
    say "$image" >"$release/image"
}

# Whether all is there that starting it takes.
is_whole() { [ -s "$1/compose.yml" ] && [ -s "$1/home" ] && [ -e "$1/env" ]; }

find_release() {
  current=$(read_file "$base/current")
  # Of a deploy that was cut off, the current release is the one before; a rollback that was cut off is done again.
  [ -n "$want" ] || want=$(read_file "$kept.to")
  [ -n "$want" ] || [ -z "$interrupted" ] || want=$current
  [ -n "$want" ] || want=$(read_file "$base/releases/$current/previous")
  found=
  for release in "$base"/releases/*; do
    if [ -z "$want" ] || [ ! -e "$release/images" ]; then continue; fi # it never ran
    name=$(read_file "$release/image")
    case $want in
      "${release##*/}" | "$(read_file "$release/version")" | "${name##*@}") found=$release ;;
    esac
  done
  release=$found
  if [ -z "$release" ]; then
    say "There is no release ${want:-before the current one}. There are:"
    for release in "$base"/releases/*; do say "  $(read_file "$release/version") $(read_file "$release/image")"; done
    release=
    return 1
  fi
  if ! is_whole "$release"; then
    say "What is kept of $want is damaged: look into $release."
    return 1
  fi
  image=$(read_file "$release/image")
  version=$(read_file "$release/version")
}

expects_current() {
  [ -z "$expect" ] && return
  current=$base/releases/$(read_file "$base/current")
  image_now=$(read_file "$current/image")
  case $expect in
    "${current##*/}" | "$(read_file "$current/version")" | "${image_now##*@}") return ;;
  esac
  say "The current release is $(read_file "$current/version") ${image_now:-}, and not $expect."
  return 1
}

prepare() {
  enter prepare "Looking at what runs"
  rm -rf "$base"/login.*
  current=$(read_file "$base/current")
  previous=${current:+$base/releases/$current}
  if [ -n "$previous" ] && ! is_whole "$previous"; then
    say "What is kept of the current release is damaged: a rollback goes back to the images that run."
    previous=
  fi
  kept=$base/before.${current:-none}
  for file in "$base"/before.*; do
    case $file in "$kept" | "$kept.to") ;; *) rm -f "$file" ;; esac
  done
  if [ -e "$kept" ]; then
    interrupted=1
    before=$kept
    say "An earlier deploy was cut off: what it found is what a failure goes back to."
    # What it ran once may go on without it.
    ids=$(engine ps -q --filter "$own" --filter label=com.docker.compose.oneoff=True --filter "name=$project-run-")
    # shellcheck disable=SC2086 # one word for each
    [ -z "$ids" ] || engine rm -f $ids >/dev/null
    if [ -z "$previous" ] && [ -s "$before" ]; then
      for previous in "$base"/releases/*-found; do :; done
      is_whole "$previous" || previous=
    fi
  else
    snapshot >"$before" || return
  fi
  if [ "$mode" = rollback ]; then
    phase=expect
    expects_current || return
    phase=release
    find_release || return
  else
    phase=upload
    write_release || return
  fi
  if [ -z "$previous" ] && [ -s "$before" ]; then adopt || return; fi
  enter config "Checking the Compose file"
  use=$release
  names=$(compose config --services) || return
  for service in $services; do
    if ! printf '%s\n' "$names" | grep -qxF "$service"; then
      say "There is no service $service; there are: $(printf '%s ' "$names" | tr '\n' ' ')"
      return 1
    fi
  done
}

login() {
  [ -n "$registry" ] || return 0
  enter login "Logging in to $registry"
  mkdir "$auth" || return
  config=${DOCKER_CONFIG:-$HOME/.docker}
  for file in "$config"/*; do
    case $file in
      */config.json) ;;
      *) [ ! -e "$file" ] || ln -s "$file" "$auth/" || return ;;
    esac
  done
  if [ -s "$config/config.json" ]; then
    # A store would keep the login; helpers of other registries stay.
    expression='s/"credsStore"/"unusedStore"/'
    ! grep -qF "\"$registry\"" "$config/config.json" || expression="$expression;s/\"credHelpers\"/\"unusedHelpers\"/"
    sed "$expression" "$config/config.json" >"$auth/config.json" || return
  else
    printf '{"auths":{"%s":{}}}\n' "$registry" >"$auth/config.json" || return
  fi
  words=$(printf %s "$registry_password" |
    timely docker --config "$auth" login --username "$registry_user" --password-stdin "$registry" 2>&1) && return
  say "$words"
  return 1
}

logout() {
  [ -d "$auth" ] || return 0
  engine --config "$auth" logout "$registry" >/dev/null 2>&1 || :
  rm -rf "$auth"
}

# A rollback pulls no more than the image that it goes back to: other names may have moved since.
pull() (
  if [ -d "$auth" ]; then
    DOCKER_CONFIG=$auth
    export DOCKER_CONFIG
  fi
  # shellcheck disable=SC2086 # these are words
  if [ "$mode" = rollback ]; then
    timely docker pull -q "$image"
  else
    compose pull -q $services
  fi
)

fetch() {
  if [ "$mode" = rollback ]; then
    retag "$release/images"
    pin "$release/images"
    [ -n "$image" ] || return 0
    ! engine image inspect "$image" >/dev/null 2>&1 || return 0
  fi
  login || return
  enter pull "Pulling"
  pull
}

# From here on, whoever comes after a transaction that was cut off has to know what ran before it. That it is bound to
# the current release makes it void in the moment in which the new one becomes the current one.
remember() {
  [ -n "$interrupted" ] || mv "$before" "$kept" || return
  before=$kept
  if [ "$mode" = rollback ]; then say "${release##*/}" >"$kept.to"; else rm -f "$kept.to"; fi
}

migrate() {
  [ -n "$run_once" ] || return 0
  enter run-once "Running once: $run_once"
  # shellcheck disable=SC2086 # words, and no patterns
  (set -f && compose run --name "$project-run-$tx" --rm -T $run_once) && return
  engine rm -f "$project-run-$tx" >/dev/null 2>&1 # it would go on beside the release before
  return 1
}

up() {
  enter up "Starting ${version:-the release}"
  orphans=--remove-orphans
  [ -z "$services" ] || orphans=
  # shellcheck disable=SC2086 # one word for each service
  compose up -d --no-build $orphans $services || return
  enter health "Waiting until all is well"
  left=$((deadline - $(now)))
  [ "$left" -lt "$probe_limit" ] || left=$probe_limit
  healthy "$left" "$probe_url"
}

# What has got well is not to be given up for one question that Docker has not answered.
twice() { "$@" || { sleep 1 && "$@"; }; }

# Id, service, state, exit code, restarts, health and start of every container of the release, old ones included.
look() {
  ids=$(engine ps -a -q --no-trunc --filter "$own" --filter label=com.docker.compose.oneoff=False) || return
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one word for each
  lines=$(engine inspect -f '{{.ID}} {{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.StartedAt}}' $ids) && say "$lines"
}

# What one look means, container by container: `bad`, `wait`, `steady` (it runs, and has no health check) or `good`.
judge() {
  # shellcheck disable=SC2086 # one word for each; an old container of a service that is left out does not count
  started=$1 only=" $(printf '%s ' ${services:-$names})" awk '
    BEGIN { only = ENVIRON["only"]; n = split(ENVIRON["started"], parts, "\n"); for (i = 1; i <= n; i++) { split(parts[i], f, " "); start[f[1]] = f[5] } }
    only !~ /^ +$/ && index(only, " " $2 " ") == 0 { next }
    { seen = 1 }
    $3 == "exited" && $4 == 0 { print "good", $1, $2, "has ended well"; next }
    $3 == "exited" || $3 == "dead" { print "bad", $1, $2, "has ended with exit code " $4; next }
    $5 - start[$1] >= 3 { print "bad", $1, $2, "restarts again and again (last exit code " $4 ")"; next }
    $6 == "unhealthy" { print "bad", $1, $2, "is unhealthy"; next }
    $3 != "running" { print "wait", $1, $2, "is " $3; next }
    $6 == "healthy" { print "good", $1, $2, "is healthy"; next }
    $6 == "-" { print "steady", $1, $2, "is running"; next }
    { print "wait", $1, $2, "is " $6 }
    END { if (!seen) print "bad - No service has a container" }'
}

probe() {
  if command -v curl >/dev/null 2>&1; then
    timeout 10 curl -fsS -m 5 -o /dev/null "$1"
  else
    timeout 10 wget -q -T 5 -O /dev/null "$1"
  fi
}

# Waits so many seconds until all containers are well, those without a health check for five looks on end, and the
# URL answers. What is not well is left in `verdict`.
healthy() {
  give_up=$(($(now) + $1))
  first=$(twice look) || return
  seen=
  words=
  looks=0
  while :; do
    state=$(twice look) || return
    verdict=$(printf '%s\n' "$state" | judge "$first")
    kinds=$(printf '%s\n' "$verdict" | cut -d ' ' -f 1)
    case $kinds in
      *bad*) break ;;
      *wait*) looks=0 ;;
      *)
        [ "$state" = "$seen" ] || looks=0
        looks=$((looks + 1))
        if [ "$looks" -ge 5 ] || [ "${kinds#*steady}" = "$kinds" ]; then
          [ -n "$2" ] || return 0
          words=$(probe "$2" 2>&1) && return 0
        fi
        ;;
    esac
    seen=$state
    [ "$(now)" -lt "$give_up" ] || break
    sleep 1
  done
  printf '%s\n' "$verdict" | while read -r kind id service what; do
    case $kind in
      bad | wait) say "$service $what." ;;
    esac
  done
  case $kinds in
    *bad* | *wait*) ;;
    *)
      if [ -n "$2" ]; then
        say "$2 does not answer: ${words:-no words}"
        phase=probe
      else
        say "Out of time."
      fi
      ;;
  esac
  return 1
}

# The last lines of what is not well; of everything where that cannot be told.
show_logs() {
  deadline=$(($(now) + 30))
  shown=$(printf '%s\n' "${verdict:-}" | grep -E '^(bad|wait) ')
  [ -n "$shown" ] || shown=${verdict:-}
  printf '%s\n' "$shown" | while read -r _ id service _; do
    [ "$(now)" -lt "$deadline" ] || break
    [ "${#id}" = 64 ] || continue
    say "-- the last lines of $service:"
    engine logs --tail 20 "$id" 2>&1
    engine inspect -f '{{if .State.Health}}{{range .State.Health.Log}}{{.Output}}{{end}}{{end}}' "$id" | tail -n 5
  done
}

restore() {
  deadline=$(($(now) + restore_limit))
  # An engine that is being restarted has half of that to come back.
  until engine version >/dev/null 2>&1 || [ "$(now)" -ge $((deadline - restore_limit / 2)) ]; do sleep 1; done
  if [ -z "$previous" ] && [ -s "$before" ]; then
    say "The file of what ran before is not kept."
    return 1
  fi
  if [ -z "$previous" ]; then
    say "== There is no release before it: taking it down"
    is_whole "${use:-none}" && compose down --remove-orphans && [ -z "$(look)" ] && return
    # The file that it came from is not at hand.
    ids=$(engine ps -a -q --filter "$own") || return
    # shellcheck disable=SC2086 # one word for each
    [ -z "$ids" ] || engine rm -f $ids >/dev/null
    return
  fi
  say "== Restoring $(read_file "$previous/version")"
  retag "$before"
  use=$previous
  pin "$before"
  [ ! -s "$before" ] || look | while read -r id service state _; do
    [ "$state" = exited ] || grep -q "^$service " "$before" || engine rm -f "$id" >/dev/null
  done
  # What had ended before is not run again, nor judged; what this deploy has not touched is left alone.
  touched=
  for service in $pinned; do
    case " ${interrupted:+$service} ${services:-$service} " in *" $service "*) touched="$touched $service" ;; esac
  done
  services=${touched:-$pinned}
  # shellcheck disable=SC2086 # one word for each service
  compose up -d --no-build $services || return
  healthy "$((deadline - $(now)))" "" || return
  [ -s "$before" ] || return 0
  [ "$(snapshot | cut -d ' ' -f 1-2)" = "$(cut -d ' ' -f 1-2 "$before")" ] && return
  say "What runs now is not what ran before:"
  snapshot
  return 1
}

# Whether the release is the current one over again.
is_same() {
  [ -n "$previous" ] && [ "$release" != "$previous" ] || return
  for file in compose.yml env image home; do
    cmp -s "$release/$file" "$previous/$file" || return
  done
  list_runs | cmp -s - "$previous/images" # a name may mean another image by now
}

list_runs() { [ -z "$runs" ] || say "$runs"; }

commit() {
  if ! runs=$(twice snapshot); then
    phase=engine
    return 1
  fi
  case $runs in
    *"$image"*) ;;
    *) say "No container runs $image: does the Compose file say image: \${IMAGE}?" ;;
  esac
  if is_same; then
    rm -rf "$release"
    release=$previous
    previous=$base/releases/$(read_file "$release/previous")
    say "$version" >"$release/version.new" && mv "$release/version.new" "$release/version"
    return 0
  fi
  { [ "$mode" = rollback ] || say "${previous##*/}" >"$release/previous"; } &&
    list_runs >"$release/images.new" && mv "$release/images.new" "$release/images" &&
    say "${release##*/}" >"$base/current.new" && mv "$base/current.new" "$base/current" && return
  phase=disk
  say "Cannot write down what runs now."
  return 1
}

# Its image goes along, unless another release has it, of any project. Docker keeps what a container uses.
forget() {
  name=$(read_file "$1/image")
  rm -rf "$1"
  [ -z "$name" ] || grep -qsxF "$name" "$base"/../*/releases/*/image || engine image rm "$name" >/dev/null 2>&1 || :
}

# Keeps so many releases, the current one and the one before it always.
prune() {
  set -- "$base"/releases/*
  while [ $# -gt "$keep" ]; do
    old=$1
    shift
    case $old in "$release" | "$previous") continue ;; esac
    forget "$old"
  done
  find "$base/runs" -type f -mtime +30 -exec rm -f {} +
}

transaction() {
  trap : TERM # what it starts is still to end on TERM
  sh -c 'echo $PPID' >"$run.pid"
  cp "$run.pid" "$lock/pid.new" && mv "$lock/pid.new" "$lock/pid" # a lock without one counts as left behind
  began=$(now)
  deadline=$((began + limit))
  result=unchanged
  if prepare && fetch; then
    logout
    if is_canceled; then
      result=canceled
    elif remember && migrate && up && rm -f "$lock/room" && commit; then
      result=deployed
    else
      result=failed
      rm -f "$lock/room"
      show_logs
    fi
  fi
  rm -f "$lock/room"
  logout
  # What an earlier one has left half done is not to stay.
  case $result$interrupted in
    deployed*) ;;
    failed* | *1)
      result=broken
      if restore; then
        result=rolled-back
        [ -n "$previous" ] || result=taken-down
      fi
      ;;
  esac
  deadline=$(($(now) + 60))
  case $result in
    unchanged | canceled)
      retag "$before"
      engine version >/dev/null 2>&1 || phase=engine
      ;;
  esac
  case $mode-$result in
    *-broken | rollback-*) ;;
    deploy-deployed) prune ;;
    *)
      # Under a name that is no digest the image may have been there before.
      case ${release:+$image} in
        *@*) forget "$release" ;;
        *) [ -z "$release" ] || rm -rf "$release" ;;
      esac
      ;;
  esac
  [ "$result" = broken ] || rm -f "$before" "$before.to"
  printf '{"at":"%s","mode":"%s","result":"%s","phase":"%s","release":"%s","previous":"%s","version":"%s","image":"%s","seconds":%s,%s}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$mode" "$result" "$phase" "${release##*/}" "${previous##*/}" "$version" "$image" \
    "$(($(now) - began))" "$facts" >>"$base/history.jsonl"
  outcome "$result" >"$run.end.new" || rm -f "$run.end.new"
  [ "$(read_file "$lock/tx")" != "$tx" ] || rm -rf "$lock" # another may have it once its time is over
  mv "$run.end.new" "$run.end" 2>/dev/null # whoever hears of the end finds no lock
}
