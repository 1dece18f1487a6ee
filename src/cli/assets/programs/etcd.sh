#!/bin/sh
# etcd of nekube: starts Node with the program beside this file, in this same process.
dir=$(dirname -- "$0")
if [ -L "$0" ]; then dir=$(dirname -- "$(readlink -f -- "$0")"); fi
if [ $# = 1 ] && [ "$1" = --help ]; then exec cat "$dir/etcd-help.txt"; fi
node=${NEKUBE_NODE:-@NODE@}
if [ ! -x "$node" ]; then node=$(command -v node); fi
if [ -z "$node" ]; then
  echo "etcd of nekube: there is no Node.js on PATH; install 20.19 or newer, or name it in NEKUBE_NODE" >&2
  exit 127
fi
# it has no TLS, and Node would read these at once
unset NODE_EXTRA_CA_CERTS
exec "$node" @OPTIONS@ "$dir/load.cjs" etcd "$@"
