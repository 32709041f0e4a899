#!/bin/sh
# Sends a file through the API and waits for what becomes of it. Needs curl, and sha256sum or shasum; the file's name
# has no quotes in it.
#
#   PENSTOCK_URL=https://d111111abcdef8.cloudfront.net PENSTOCK_KEY=… sh upload.sh orders.csv
set -eu

file=$1
api=$PENSTOCK_URL/api
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

call() { # METHOD PATH [BODY]
  curl --silent --show-error --fail-with-body --request "$1" "$api$2" \
    --header "Authorization: Bearer $PENSTOCK_KEY" --header 'Content-Type: application/json' ${3:+--data "$3"} ||
    { echo >&2; exit 1; }
}

# The value of a member of an answer: text without quotes in it, or a number.
member() { # NAME
  tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p"
}

digest() {
  { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1
}

size=$(wc -c <"$file" | tr -d ' ')
upload=$(call POST /uploads "{\"name\": \"$(basename "$file")\", \"size\": $size}")
id=$(printf %s "$upload" | member id)
part_bytes=$(printf %s "$upload" | member part_bytes)
parts=$(printf %s "$upload" | member parts)

number=1
while [ "$number" -le "$parts" ]; do
  dd if="$file" of="$work/part" bs="$part_bytes" skip=$((number - 1)) count=1 2>/dev/null
  signed=$(call POST "/uploads/$id/parts" "{\"parts\": [{\"number\": $number, \"sha256\": \"$(digest "$work/part")\"}]}")
  # The headers are part of what was signed.
  printf %s "$signed" | sed 's/.*"headers" *: *{\([^}]*\)}.*/\1/' | tr ',' '\n' |
    sed -n 's/^ *"\([^"]*\)" *: *"\([^"]*\)".*/header = "\1: \2"/p' >"$work/headers"
  url=$(printf %s "$signed" | sed 's/.*"url" *: *"\([^"]*\)".*/\1/')
  curl --silent --show-error --fail --config "$work/headers" --upload-file "$work/part" "$url"
  number=$((number + 1))
done

name=$(call POST "/uploads/$id/complete" | member file)
# S3 tells the platform of a new file a moment later; until then there is nothing of this name.
left=600
while [ "$left" -gt 0 ]; do
  sleep 1
  left=$((left - 1))
  state=$(curl --silent --header "Authorization: Bearer $PENSTOCK_KEY" "$api/files/$name" |
    sed 's/"ledger".*//' | member state)
  case $state in succeeded | rejected | failed) break ;; esac
done
echo "$(basename "$file"): ${state:-not seen}"
[ "$state" = succeeded ]
