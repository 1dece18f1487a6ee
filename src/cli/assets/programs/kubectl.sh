#!/bin/sh
# kubectl is the real one: this finds it on PATH and becomes it.
own=$(cd -- "$(dirname -- "$0")" && pwd -P)
IFS=:
for dir in $PATH; do
  found=${dir:-.}/kubectl
  if [ -x "$found" ] && [ ! -d "$found" ] && [ "$(cd -- "${dir:-.}" && pwd -P)" != "$own" ]; then
    # one that is a link to this file is no other
    real=$(readlink -f -- "$found")
    if [ "$(dirname -- "$real")" != "$own" ]; then unset IFS; exec "$found" "$@"; fi
  fi
done
echo "kubectl of nekube: there is no kubectl on PATH; install it (https://kubernetes.io/docs/tasks/tools/) or set TEST_ASSET_KUBECTL to it" >&2
exit 127
