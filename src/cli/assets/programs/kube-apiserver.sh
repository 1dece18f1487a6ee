#!/bin/sh
# kube-apiserver of nekube: starts Node with the program beside this file, in this same process.
dir=$(dirname -- "$0")
if [ -L "$0" ]; then dir=$(dirname -- "$(readlink -f -- "$0")"); fi
if [ $# = 1 ] && [ "$1" = --help ]; then exec cat "$dir/kube-apiserver-help.txt"; fi
node=${NEKUBE_NODE:-}
options='@OPTIONS@'
if [ -z "$node" ]; then node=@NODE@; else options=; fi
if [ ! -x "$node" ]; then node=$(command -v node); options=; fi
if [ -z "$node" ]; then
  echo "kube-apiserver of nekube: there is no Node.js on PATH; install 20.19 or newer, or name it in NEKUBE_NODE" >&2
  exit 127
fi
# whom Node trusts takes it long to read, and few need to know: the program finds it out when it is asked (trusted-cas.ts)
ca=
case "${NODE_OPTIONS:-}" in *-ca*) ;; *)
  ca=--use-openssl-ca
  export NEKUBE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-}" SSL_CERT_FILE=/dev/null
  unset NODE_EXTRA_CA_CERTS
esac
# glibc would have each thread take memory from a pool of its own
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
exec "$node" --no-warnings $options $ca "$dir/load.cjs" kube-apiserver "$@"
