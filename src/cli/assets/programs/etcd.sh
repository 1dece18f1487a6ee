#!/bin/sh
# etcd of nekube: starts Node with the program beside this file, in this same process.
dir=$(dirname -- "$0")
if [ -L "$0" ]; then dir=$(dirname -- "$(readlink -f -- "$0")"); fi
if [ $# = 1 ] && [ "$1" = --help ]; then exec cat "$dir/etcd-help.txt"; fi
node=${NEKUBE_NODE:-}
options='@OPTIONS@'
if [ -z "$node" ]; then node=@NODE@; else options=; fi
if [ ! -x "$node" ]; then node=$(command -v node); options=; fi
if [ -z "$node" ]; then
  echo "etcd of nekube: there is no Node.js on PATH; install 20.19 or newer, or name it in NEKUBE_NODE" >&2
  exit 127
fi
# it has no TLS, and Node would read these at once
unset NODE_EXTRA_CA_CERTS
# glibc would have each thread take memory from a pool of its own
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
exec "$node" --no-warnings $options "$dir/load.cjs" etcd "$@"
