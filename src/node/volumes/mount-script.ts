/** What a shell does in a new root before it becomes the program: it goes to the folder that is its first word. */
export const ROOT_SCRIPT = 'cd "$0" 2>/dev/null; exec "$@"';

/**
 * What a shell does in a namespace of mounts of its own before it becomes the container's program:
 * `SCRATCH root|- (SOURCE TARGET ro|rw)… -- PROGRAM…`. Nothing of it is seen outside, and no folder of the machine gets
 * anything new:
 *
 * - a folder that lacks a mount point is covered by an overlay of itself, whose changes are in memory, with what was mounted
 *   below it; where there are no overlays, by a folder with a mount for each of its entries; /dev by what containers have;
 * - with the word `root` such a folder becomes the root, since that lacks a mount point.
 */
export const MOUNT_SCRIPT = `
fail() { echo "nekube: cannot mount $1" >&2; exit 126; }

# a folder in which everything of another is, and more can be
mirror() {
  for entry in "$1"/* "$1"/.[!.]*; do
    name=\${entry##*/}
    if [ -L "$entry" ]; then cp -P "$entry" "$2/$name"
    elif [ -d "$entry" ]; then mkdir "$2/$name" && mount --rbind "$entry" "$2/$name"
    elif [ -e "$entry" ]; then : > "$2/$name" && mount --bind "$entry" "$2/$name"
    fi
  done
}

# what containers have of devices; those of an overlay cannot be opened
devices() {
  for entry in /dev/*; do
    name=\${entry##*/}
    if [ -L "$entry" ]; then cp -P "$entry" "$1/$name"
    elif [ -d "$entry" ]; then mkdir "$1/$name" && mount --rbind "$entry" "$1/$name"
    else case $name in null|zero|full|random|urandom|tty|ptmx|fuse|kvm)
      : > "$1/$name" && mount --bind "$entry" "$1/$name" ;;
    esac fi
  done
}

# what is mounted below a folder, in another place
keep() {
  count=0
  while read -r _ _ _ _ point _; do
    case $point in "$1"/*) ;; *) continue ;; esac
    count=$((count + 1))
    if [ -d "$point" ]; then mkdir "$2/$count"; else : > "$2/$count"; fi
    mount --rbind "$point" "$2/$count" 2>/dev/null && echo "$count $point" >> "$2/list"
  done < /proc/self/mountinfo
}

again() {
  [ -e "$1/list" ] || return 0
  while read -r kept point; do mount --rbind "$1/$kept" "$point" 2>/dev/null; done < "$1/list"
  return 0
}

number=0
cover() {
  folder=$(cd -P "$1" && pwd -P) || return 1
  number=$((number + 1))
  here=$scratch/$number
  mkdir -p "$here/upper" "$here/work" "$here/kept" "$here/mirror"
  if [ "$folder" = /dev ]; then devices "$here/mirror" && mount --rbind "$here/mirror" /dev; return; fi
  keep "$folder" "$here/kept"
  if mount -t overlay -o "lowerdir=$folder,upperdir=$here/upper,workdir=$here/work" nekube "$folder" 2>/dev/null
  then again "$here/kept"
  else mirror "$folder" "$here/mirror" && mount --rbind "$here/mirror" "$folder"
  fi
}

# whether a path is in a volume that is mounted already, or in what is covered
is_ours() {
  for one in $ours; do case $1/ in "$one"/*) return 0 ;; esac; done
  return 1
}

# makes the place where something is to be mounted
place() {
  [ -e "$root$2" ] && return 0
  parent=$2
  while [ -n "$parent" ] && [ ! -d "$root$parent" ]; do parent=\${parent%/*}; done
  if [ -n "$parent" ] && ! is_ours "$parent"; then
    cover "$root$parent" || return 1
    ours="$ours $parent"
  fi
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root\${2%/*}" && : > "$root$2"; fi
}

# a path as it is within the new root, where links lead to places of that root
within() {
  if [ -z "$root" ]; then echo "$1"; return; fi
  chroot "$root" /bin/sh -c '
    parent=$0
    while [ -n "$parent" ] && [ ! -d "$parent" ]; do parent=\${parent%/*}; done
    real=$(cd -P "$parent/" && pwd -P)
    echo "\${real%/}\${0#"$parent"}"' "$1"
}

scratch=$1 root= ours=
mkdir -p "$scratch" && mount -t tmpfs -o mode=755 nekube "$scratch" || fail "a file system in memory"
if [ "$2" = root ]; then
  root=$scratch/root
  mkdir "$root" && mirror '' "$root" || fail "a root with more folders"
fi
shift 2
while [ "$1" != -- ]; do
  target=$(within "$2") && place "$1" "$target" && mount --rbind "$1" "$root$target" || fail "$2"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$root$target" || fail "$2"; fi
  ours="$ours $target"
  shift 3
done
shift
[ -n "$root" ] || exec "$@"
exec chroot "$root" /bin/sh -c '${ROOT_SCRIPT}' "$PWD" "$@"
`;
