#!/bin/sh
# The first process of a host, in name spaces of its own for mounts and processes: it changes what this machine looks
# like from inside, and becomes the SSH server. Nothing of it is seen outside, and all of it goes with the process.
set -eu

mount -t tmpfs tmpfs /run
mkdir /run/sshd
if [ -n "$DOCKER_SOCKET" ]; then
  mkdir /run/engine
  mount --bind "${DOCKER_SOCKET%/*}" /run/engine # the folder: a new engine makes a new socket
  ln -s "engine/${DOCKER_SOCKET##*/}" /run/docker.sock
fi

for file in passwd group shadow; do mount --bind "$FOLDER/etc/$file" "/etc/$file"; done
mount --bind "$FOLDER/tmp" /tmp

for program in $HIDDEN; do mount --bind "$FOLDER/nothing" "$program"; done
mount -t tmpfs tmpfs /usr/local
mkdir /usr/local/bin
if [ -n "$COMPOSE_PLUGIN" ]; then
  plugins=/usr/local/lib/docker/cli-plugins
  mkdir -p "$plugins"
  touch "$plugins/docker-compose"
  mount --bind "$COMPOSE_PLUGIN" "$plugins/docker-compose"
fi

set -- /usr/sbin/sshd -D -e -f "$FOLDER/etc/sshd_config"
[ -z "$TRACE" ] || set -- strace -f --seccomp-bpf -qq -s 131072 -e trace=execve -e signal=none -o "$TRACE" "$@"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
