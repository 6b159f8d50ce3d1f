#!/bin/sh
# Checks this folder, offline, with sha256sum, openssl, ssh-keygen and awk; names the first step that fails.
# Compare the fingerprint it prints with the one the operator made known: all else follows from that key.
LC_ALL=C; export LC_ALL; cd "$(dirname "$0")" || exit 2; t=$(mktemp -d) || exit 2; trap 'rm -rf "$t"' EXIT
fail() { printf 'FAILED at step %s\n' "$1"; exit 1; }; hash() { sha256sum | cut -c1-64; }
raw() { printf "$(printf %s "$1" | awk -v h=0123456789abcdef '{ for (i = 1; i < length($0); i += 2)
  printf "\\%03o", (index(h, substr($0, i, 1)) - 1) * 16 + index(h, substr($0, i + 1, 1)) - 1 }')"; }
hex() { [ ${#1} = 64 ] && case $1 in *[!0-9a-f]*) false ;; esac; }; node() { raw "01$1$2" | hash; }; leaf() { { raw 00; cat "$1"; } | hash; }
walk() { i=$1 l=$2 a=$3 b=$3 # reads hashes; b is the root they lead to, a the root of the part on the left
  while read -r p; do [ "$l" -gt 0 ] && hex "$p" || return 1
    if [ $((i % 2)) = 1 ] || [ "$i" = "$l" ]; then a=$(node "$p" "$a") b=$(node "$p" "$b")
      while [ $((i % 2)) = 0 ] && [ "$i" != 0 ]; do i=$((i / 2)) l=$((l / 2)); done
    else b=$(node "$b" "$p"); fi; i=$((i / 2)) l=$((l / 2)); done; [ -z "$p" ] && [ "$l" = 0 ]; }
numbers() { read -r x y && case "$x $y" in *[!0-9\ ]* | 0[0-9]* | *' 0'*) false ;; esac; }
included() { { numbers && [ "$x" -lt "$y" ] && walk "$x" $((y - 1)) "$(leaf "$1")" && [ "$b" = "$3" ]; } <"$2"; }
consistent() { { numbers && [ "$x" -ge 1 ] && [ "$x" -lt "$y" ] && f=$2 i=$((x - 1)) l=$((y - 1)) || return 1
  while [ $((i % 2)) = 1 ]; do i=$((i / 2)) l=$((l / 2)); done
  [ $((x & (x - 1))) = 0 ] || read -r f && walk $i $l "$f" && [ "$a" = "$2" ] && [ "$b" = "$3" ]; } <"$1"; }
signed() { openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3" >"$t/said" 2>&1; }; note() { sed -n 1,3p "$1.note" >"$t/text"; [ "$(sed -n '4p' "$1.note")" = "" ] && sed 1,4d "$1.note" |
  { while read -r dash name s; do printf %s "$s" | openssl base64 -d -A | tail -c 64 >"$t/sig"; signed "$1.pub" "$t/text" "$t/sig" && exit 0; done; exit 1; }; }
size() { sed -n 2p "$1.note"; }; root() { sed -n 3p "$1.note" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n'; }
value() { awk -v n="$2" '$1 == n { print substr($0, length(n) + 2); exit }' "$1"; }; opened() { [ ! -e "$1" ] || awk -v n="$2" '$1 == n { print substr($0, length(n) + 67); exit }' "$1"; }
openings() { while IFS= read -r o || [ "$o" ]; do n=${o%% *} r=${o#* }; s=${r%% *} v=${r#* }
  h=$({ printf 'canaries/commitment/1\n%s\n' "$n"; raw "$s"; printf %s "$v"; } | hash)
  hex "$s" && grep -qxF -e "$n =$h" "$1" || return 1; done <"$2"; }
of() { awk -v k="$1" -v p="$2" '$1 == k && (p == "" || $3 == p) { print $2 }' "$t/of"; }; at() { awk 'NR == 1 { print $1 }' "$1.proof"; }
copy() { k=$(of sealed "$2" | head -n 1); h=$(opened "$k.open" holder); [ "$h" ] || h=$(opened "$(of reserved "$2" | head -n 1).open" holder)
  [ "$k" ] && [ "$h" ] && [ "$(of planted "$2")" ] && echo "$1 stands in $2, the copy for $h" >>"$t/copies"; }; : >"$t/of"; : >"$t/canaries"; : >"$t/copies"
[ -z "$(tail -c 1 SHA256SUMS)" ] && ! grep -Evq '^[0-9a-f]{64}  [A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?$' SHA256SUMS || fail "1 (files): SHA256SUMS has a line that is none"
{ cut -c67- SHA256SUMS; printf 'SHA256SUMS\nSHA256SUMS.sig\n'; } | sed 's,^,./,' | sort >"$t/listed"; find . ! -type d | sort | diff - "$t/listed" >"$t/said" &&
  [ -z "$(find . ! -type d ! -type f)" ] || fail "1 (files): not the listed files: $(sed -n 2p "$t/said")"
sha256sum -c --quiet SHA256SUMS >"$t/said" 2>&1 || fail "1 (files): $(head -n 1 "$t/said")"; signed checkpoint.pub SHA256SUMS SHA256SUMS.sig || fail "2 (sums): the log's key did not sign SHA256SUMS"
for c in checkpoint planting; do [ ! -e $c.note ] || note $c || fail "3 (checkpoint): $c.note is not signed by $c.pub"; done
[ ! -e planting.note ] || { [ "$(head -n 1 consistency.proof)" = "$(size planting) $(size checkpoint)" ] &&
  consistent consistency.proof "$(root planting)" "$(root checkpoint)"; } || fail "4 (history): planting.note is no earlier state of the log"
for e in $(for e in entries/*.entry; do [ ! -e "$e" ] || echo "${e%.entry}"; done); do
  [ "$(awk 'NR == 1 { print $2 }' $e.proof)" = "$(size checkpoint)" ] && included $e.entry $e.proof "$(root checkpoint)" && [ -z "$(awk 's[$1]++' $e.entry)" ] || fail "5 (entries): $e is not in the log"
  [ ! -e $e.open ] || openings $e.entry $e.open || fail "6 (openings): $e.open does not open $e.entry"
  echo "$(value $e.entry kind) $e $(value $e.entry planting)" >>"$t/of"; done
for r in canaries/*.open rows/*.row; do c=${r#*/}; [ ! -e "$r" ] || [ -e "canaries/${c%%.*}.open" ] || fail "7 (canaries): $r is of no canary"; done
for c in canaries/*.open; do [ -e "$c" ] || continue; p=$(value $c planting) k=$(of sealed "$p" | head -n 1); echo "$(value $c canary) $p $(value $c number)" >>"$t/canaries"
  [ "$k" ] && [ "$(opened $k.open holder)" ] && included $c ${c%.open}.proof "$(value $k.entry canaries-root)" || fail "7 (canaries): $c is not in planting $p"; done
for r in rows/*.row; do [ -e "$r" ] || continue; r=${r%.row} c=${r#rows/}; p=${c#*.} c=canaries/${c%%.*}.open; n=$(value $c number); [ "rows/$p" != "$r" ] || p=$(value $c planting)
  k=$(of sealed "$p" | head -n 1); [ "$k" ] && included $r.row $r.proof "$(value $k.entry rows-root)" && case $(sed 1,3d $r.row | tr -cd 0-9) in *"${n#"${n%???????}"}"*) ;; *) false ;; esac || fail "7 (canaries): $r.row is no row of its file"; done
for c in canaries/*.open; do [ -e "$c" ] || continue; n=$(value $c number) k=$(at "$(of sealed "$(value $c planting)" | head -n 1)")
  for d in $(of number); do [ "$(opened $d.open number)" = "$n" ] && [ "$(at $d)" -lt "$k" ] && n=; done; [ -z "$n" ] || fail "8 (order): the number of $c was not in the pool before"; done
for d in $(of planted); do [ ! -e planting.note ] || [ "$(at $d)" -lt "$(size planting)" ] || fail "8 (order): $d is not under planting.note"; done
for d in $(of contact); do k= n=$(opened $d.open number); for e in $(of number); do [ "$n" != "$(opened $e.open number)" ] || k=$n; done; [ "$k" ] || fail "8 (order): $d reached none of these numbers"; done; for d in $(of mint); do echo "$(value $d.entry canary) $(value $d.entry planting) $(opened $d.open number)" >>"$t/canaries"; done
for d in $(of received) $(of met); do c=$(awk -v c="$(value $d.entry canary)" -v n="$(opened $d.open number)" '$1 == c || n != "" && $3 "" == n { print $1; exit }' "$t/canaries")
  [ "$c" ] && copy "$c" "$(value $d.entry planting)" && [ "$h" = "$(opened $d.open holder)" ] && [ "$(value $k.entry sha256)" = "$(value $d.entry sha256)" ] && [ "$(at $k)" -lt "$(at $d)" ] || fail "9 (copies): $d is of no copy that was handed over"; done
while read -r c p n; do [ ! "$(of planted "$p")" ] || copy "$c" "$p"; grep -q "^$c " "$t/copies" || fail "9 (copies): $c stands in no copy that was handed over"; done <"$t/canaries"
for r in receipts/*.json; do [ -e "$r" ] || continue; k= q=${r%.json}; for s in $(of sealed); do
    [ "$(printf '  "planting": "%s",\n  "sha256": "%s",' "$(value $s.entry planting)" "$(value $s.entry sha256)")" != "$(sed -n 4,5p $r)" ] || k=1; done; [ "$k" ] || fail "10 (receipts): $r is not about this file"
  [ ! -e $q.allowed ] || ssh-keygen -Y verify -f $q.allowed -I holder -n canaries-receipt@v1 -s $q.sig <$r >"$t/said" 2>&1 || fail "10 (receipts): $r is not signed"
  [ ! -e $q.pem ] || signed $q.pem $r $q.sig || openssl dgst -sha256 -verify $q.pem -signature $q.sig $r >"$t/said" 2>&1 || fail "10 (receipts): $r is not signed"; done
for s in stamps/*.tsr; do [ -e "$s" ] || continue; q=${s#stamps/} at=$(awk 'NR == 1 { print $1 }' ${s%.tsr}.time); case $q in checkpoint.* | planting.*) ;; *) fail "11 (stamps): $s" ;; esac
  openssl ts -verify -data "${q%%.*}.note" -in $s -CAfile ${s%.tsr}.pem -attime "$at" >"$t/said" 2>&1 || fail "11 (stamps): $s"; openssl ts -reply -in $s -text 2>/dev/null | awk -v s="$s" '/^Time stamp/ { print s ": " $0 }'; done
echo "ok: log key SHA-256 $(openssl pkey -pubin -in checkpoint.pub -outform DER | tail -c 32 | hash)"; sort -u "$t/copies"
