#!/usr/bin/env bash
# Builds what the bench boots, and prints the folder that holds it: kernel, initrd, root image. Seconds if nothing has changed.
#
#   test/usb/setup.sh        needs root and apt-get, and the network when something is missing
#
# SPACEPACK_USB_CACHE: where to keep it (about 1 GB). Default: spacepack-usb in the user's cache folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${SPACEPACK_USB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/spacepack-usb}
say() { printf 'usb bench: %s\n' "$*" >&2; }

# On this machine.
host_packages=(
  qemu-system-x86 # the emulator; its usb-redir is the socket that our device is plugged into
  mmdebstrap      # makes a small Debian without touching this one
  squashfs-tools  # the root image
  busybox-static  # the one program in the initrd
  cpio kmod       # the initrd, and which modules it needs
  dosfstools      # fsck.vfat, which has the last word about the card
  mtools          # a second reader of the card
)
# In the guest.
guest_packages=(
  udev udisks2 polkitd dbus # what a desktop mounts with
  util-linux mount kmod procps libstdc++6
  dosfstools exfatprogs fdisk # the cards that must be refused are made by the real tools
  eject                       # START STOP UNIT
)

missing=()
for package in "${host_packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing ${missing[*]}"
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

node=$(readlink -f "$(command -v node)")
key=$({
  # The saved state of a guest fits only the very machine that it was saved from.
  cat "$here/setup.sh" "$here"/guest/* "$here/machine/emulator.ts"
  sha256sum <"$node"
  qemu-system-x86_64 --version
} | sha256sum | cut -c1-16)
image=$cache/image-$key
if [ -e "$image/complete" ]; then
  echo "$image"
  exit 0
fi
rm -rf "$image"
mkdir -p "$image"

# The kernel is Debian's own; the "cloud" one has no USB storage.
kernel_package() { apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-[0-9]/ { print $2; exit }'; }
kernel=$(find "$cache" -maxdepth 1 -name 'kernel-*' -exec test -e '{}/complete' ';' -print | sort -V | tail -n 1)
if [ -z "$kernel" ]; then
  package=$(kernel_package)
  if [ -z "$package" ]; then
    apt-get update -qq
    package=$(kernel_package)
  fi
  say "unpacking $package"
  kernel=$cache/kernel-${package#linux-image-}
  rm -rf "$kernel"
  mkdir -p "$kernel"
  fetch() { (cd "$kernel" && apt-get -o APT::Sandbox::User=root download -qq "$package" >/dev/null); }
  fetch || { apt-get update -qq && fetch; }
  (cd "$kernel" && dpkg -x ./*.deb . && rm ./*.deb)
  depmod -b "$kernel" "${kernel##*/kernel-}"
  touch "$kernel/complete"
fi
release=${kernel##*/kernel-}
cp "$kernel/boot/vmlinuz-$release" "$image/vmlinuz"

say "initrd"
initrd=$image/initrd
mkdir -p "$initrd"/{bin,lib/modules,proc,sys,dev,lower,upper,root}
cp /bin/busybox "$initrd/bin/"
install -m 755 "$here/guest/init" "$initrd/init"
for module in virtio_pci virtio_blk squashfs overlay; do
  modprobe -d "$kernel" -S "$release" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" "$initrd/lib/modules/"
  basename "$file" >>"$initrd/modules"
done
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$image/initrd.gz"
rm -rf "$initrd"

base=$cache/base-$(printf '%s\n' "${guest_packages[@]}" | sha256sum | cut -c1-12)
if [ ! -e "$base/complete" ]; then
  say "a small Debian 12: ${guest_packages[*]}"
  rm -rf "$base"
  mkdir -p "$base"
  mmdebstrap --quiet --mode=root --variant=minbase --include="$(IFS=,; echo "${guest_packages[*]}")" \
    --aptopt='Apt::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$base/root" >&2
  touch "$base/complete"
fi

say "root image"
root=$image/root
cp -a "$base/root" "$root"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
modules=$root/lib/modules/$release
mkdir -p "$modules/kernel"
cp "$kernel/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$modules/"
for folder in fs net/9p lib crypto block drivers/{usb,scsi,block,virtio,char,cdrom}; do
  [ -d "$kernel/lib/modules/$release/kernel/$folder" ] || continue
  mkdir -p "$modules/kernel/$folder"
  cp -a "$kernel/lib/modules/$release/kernel/$folder/." "$modules/kernel/$folder/"
done
depmod -b "$root" "$release" 2>/dev/null
install -m 755 "$node" "$root/usr/bin/node"
mkdir -p "$root/opt/bench" "$root/host" "$root/media"
install -m 755 "$here"/guest/{start,warm,begin,automount,agent.mjs} "$root/opt/bench/"
install -D -m 644 "$here/guest/50-desktop-user.rules" "$root/etc/polkit-1/rules.d/50-desktop-user.rules"
chroot "$root" useradd --create-home --uid 1000 user
chroot "$root" useradd --create-home --uid 1001 visitor
mksquashfs "$root" "$image/root.sqfs" -noappend -quiet -no-progress -no-xattrs -comp lz4 >/dev/null
rm -rf "$root"
touch "$image/complete"
# Images of other keys, with the states saved beside them, are of no more use.
find "$cache" -maxdepth 1 -name 'image-*' ! -name "image-$key" -exec rm -rf '{}' +
say "built $(du -sh "$image" | cut -f1) in $image"
echo "$image"
