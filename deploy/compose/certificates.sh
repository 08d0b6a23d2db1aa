#!/bin/sh
# certificates.sh DIRECTORY makes a certificate for trying Parley out (parley.pem, parley.key) and the authority that signed it (ca.pem), which a
# browser may be told to trust. It leaves alone what is good for another month. The authority's own key is thrown away.
set -eu
cd "$1"
names=DNS:parley.localhost,DNS:dex.localhost,DNS:localhost,IP:127.0.0.1

if openssl x509 -in parley.pem -checkend 2592000 -noout >/dev/null 2>&1; then
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 397 -subj "/CN=Parley on this machine" \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign" -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=parley.localhost" -keyout "$work/parley.key" -out "$work/request" 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' "$names" >"$work/extensions"
openssl x509 -req -in "$work/request" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 396 \
  -extfile "$work/extensions" -out "$work/parley.pem" 2>/dev/null
chmod 644 "$work/ca.pem" "$work/parley.pem"
chmod 640 "$work/parley.key"
chgrp 1001 "$work/parley.key" # dex
rm -f parley.pem # it comes back last: until then nothing here counts as made
mv "$work/ca.pem" ca.pem
mv "$work/parley.key" parley.key
mv "$work/parley.pem" parley.pem
