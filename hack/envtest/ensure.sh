#!/usr/bin/env bash
# Makes sure that a kube-apiserver, an etcd and a kubectl are at hand for envtest
# and the sandbox, and prints the directory that holds them. Only that goes to
# standard output; progress goes to standard error.
#
#   export KUBEBUILDER_ASSETS="$(hack/envtest/ensure.sh)"
#
# It takes the first of: $KUBEBUILDER_ASSETS, an earlier build, the published
# binaries, and a build from the modules pinned in go.mod beside this file. The
# last needs nothing but Go and a module proxy, so it also works where release
# downloads are blocked.
#
# ENVTEST_DOWNLOAD=0 skips the published binaries.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binaries="etcd kube-apiserver kubectl"

say() { echo "envtest: $*" >&2; }
die() {
  say "$*"
  exit 1
}

# These binaries run here: settings for the operator's own build must not leak in.
unset GOOS GOARCH
export GOWORK=off

command -v go >/dev/null || die "go is not on PATH"
version=$(sed -n 's|^[[:space:]]*k8s.io/kubernetes v\([0-9][^ ]*\).*|\1|p' "$here/go.mod")
[ -n "$version" ] || die "no k8s.io/kubernetes version in $here/go.mod"
minor=${version%.*}
platform=$(go env GOHOSTOS)-$(go env GOHOSTARCH)
root=${XDG_CACHE_HOME:-${HOME:?}/.cache}/portkey-ecs-operator/envtest
cache=$root/$version-$platform

# complete DIR: does it hold all the binaries?
complete() {
  local b
  for b in $binaries; do
    [ -x "$1/$b" ] || return 1
  done
}

# within SECONDS COMMAND...: macOS has no timeout(1).
within() {
  local left=$1 pid
  shift
  "$@" &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    if [ "$left" -le 0 ]; then
      kill "$pid" 2>/dev/null || true
      wait "$pid" 2>/dev/null || true
      return 124
    fi
    left=$((left - 1))
    sleep 1
  done
  wait "$pid"
}

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  if complete "$KUBEBUILDER_ASSETS"; then
    say "using KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS"
    (cd "$KUBEBUILDER_ASSETS" && pwd)
    exit 0
  fi
  say "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS lacks one of: $binaries; ignoring it"
fi

if complete "$cache"; then
  echo "$cache"
  exit 0
fi

mkdir -p "$root"
find "$root" -maxdepth 1 -name '.tmp.*' -mmin +1440 -exec rm -rf {} + # of builds that were killed
tmp=$(mktemp -d "$root/.tmp.XXXXXX")
lock=$cache.lock
locked=
cleanup() {
  rm -rf "$tmp"
  [ -z "$locked" ] || rm -rf "$lock"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# download: print the directory of the published binaries of this minor version.
download() {
  local setup=$tmp/setup-envtest
  say "looking for published v$minor binaries with setup-envtest"
  go build -C "$here/../tools" -mod=readonly -buildvcs=false -o "$setup" sigs.k8s.io/controller-runtime/tools/setup-envtest >&2 || return 1
  if "$setup" use --installed-only "$minor.x" -p path >"$tmp/path" 2>/dev/null && complete "$(cat "$tmp/path")"; then
    cat "$tmp/path"
    return
  fi
  # The index is small: a slow answer means that the archive would not come at all.
  within 20 "$setup" list "$minor.x" >"$tmp/list" 2>"$tmp/log" || return 1
  grep -q . "$tmp/list" || return 1
  within 300 "$setup" use "$minor.x" -p path >"$tmp/path" 2>"$tmp/log" || return 1
  complete "$(cat "$tmp/path")" && cat "$tmp/path"
}

if [ "${ENVTEST_DOWNLOAD:-1}" != 0 ]; then
  if dir=$(download); then
    say "using $dir"
    echo "$dir"
    exit 0
  fi
  say "no published binaries to be had ($(tail -n 1 "$tmp/log" 2>/dev/null | cut -c 1-160 || true))"
fi

# One build at a time. The lock only saves work: what makes concurrent runs safe
# is that a build enters the cache by one rename.
waited=
until mkdir "$lock" 2>/dev/null; do
  holder=$(cat "$lock/pid" 2>/dev/null || true)
  if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
    say "removing the lock of process $holder, which is gone"
    rm -rf "$lock"
    continue
  fi
  if [ -z "$holder" ] && [ -n "$(find "$lock" -maxdepth 0 -mmin +1 2>/dev/null)" ]; then
    rm -rf "$lock" # its owner died before it could sign
    continue
  fi
  [ -n "$waited" ] || say "waiting for the build of process ${holder:-unknown}"
  waited=yes
  sleep 1
done
locked=yes
echo $$ >"$lock/pid"

if complete "$cache"; then
  echo "$cache"
  exit 0
fi

say "building Kubernetes v$version and etcd from their Go modules: some minutes, once"
began=$SECONDS
ldflags="-s -w"
# As the release build stamps them; the API server reports it to clients.
for pkg in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  ldflags="$ldflags -X $pkg.gitVersion=v$version -X $pkg.gitMajor=${version%%.*}"
  ldflags="$ldflags -X $pkg.gitMinor=${minor#*.} -X $pkg.gitTreeState=clean"
done

# build NAME PACKAGE
build() {
  local since=$SECONDS
  CGO_ENABLED=0 go build -C "$here" -mod=readonly -trimpath -ldflags "$ldflags" -o "$tmp/out/$1" "$2" >&2
  say "built $1 in $((SECONDS - since)) s"
}
mkdir "$tmp/out"
build etcd go.etcd.io/etcd/server/v3
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
build kubectl k8s.io/kubernetes/cmd/kubectl

if ! complete "$cache"; then
  rm -rf "$cache"
  mv "$tmp/out" "$cache"
  rm -rf "$cache/out" # mv nests where another build came first
fi
complete "$cache" || die "the build in $cache is not complete"
say "built all in $((SECONDS - began)) s, kept in $cache"
echo "$cache"
