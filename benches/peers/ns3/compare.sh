#!/usr/bin/env bash
# Replays the same packets through our link and through ns-3, and compares every departure and drop.
# Needs Debian's libns3-dev (3.37), libgsl-dev, pkg-config and a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")"
out=../target/ns3
mkdir -p "$out"

cargo build --quiet --release --locked --manifest-path Cargo.toml
ours=../target/release/koosim-peers-ns3
modules=(ns3-core ns3-network ns3-point-to-point ns3-traffic-control)
# shellcheck disable=SC2046
c++ -O2 -std=c++17 -o "$out/replay" replay.cc $(pkg-config --cflags --libs "${modules[@]}")

printf '| case | left | dropped | differing lines | koosim, packets/s | ns-3, packets/s | ratio |\n'
printf '|---|---:|---:|---:|---:|---:|---:|\n'
failed=0
while read -r name rate queue; do
  "$ours" offers "$name" > "$out/$name.offers"
  "$ours" told "$name" > "$out/$name.ours" 2> "$out/$name.our-speed"
  "$out/replay" "$rate" "$queue" < "$out/$name.offers" > "$out/$name.theirs" 2> "$out/$name.speed"
  differ=$(diff "$out/$name.ours" "$out/$name.theirs" | grep -c '^[<>]' || true)
  left=$(grep -c left "$out/$name.ours" || true)
  dropped=$(grep -c dropped "$out/$name.ours" || true)
  read -r our_speed _ < "$out/$name.our-speed"
  read -r speed _ < "$out/$name.speed"
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$name" "$left" "$dropped" "$differ" "$our_speed" "$speed" "$((our_speed / speed))"
  [ "$differ" -eq 0 ] || failed=1
done < <("$ours" cases | grep -E "${1:-.}")
exit "$failed"
