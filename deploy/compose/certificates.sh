#!/bin/sh
# certificates.sh DIRECTORY creates a certificate for a trial of Parley (parley.pem,
# parley.key), and the root certificate that signed it (ca.pem), which a browser can
# trust. A certificate of its own is replaced in its last 30 days. Any other certificate
# or key stays untouched, however soon it expires: whoever issued it renews it. The
# root's key is deleted, so nobody can sign other certificates with it.
set -eu
cd "$1"
names=DNS:parley.localhost,DNS:dex.localhost,DNS:localhost,IP:127.0.0.1
root="Parley on this machine"

# own FILE succeeds if this script created the certificate.
own() {
  openssl x509 -in "$1" -noout -issuer -nameopt RFC2253 2>/dev/null | grep -qx "issuer=CN=$root"
}

if [ -e parley.pem ] && ! own parley.pem; then
  echo "parley.pem was not created here and stays as it is" >&2
  exit 0
fi
if [ ! -e parley.pem ] && [ -e parley.key ] && ! own ca.pem; then
  echo "parley.key was not created here, and parley.pem is missing: add it, or remove parley.key" >&2
  exit 1
fi
if [ -e parley.pem ] && openssl x509 -in parley.pem -checkend 2592000 -noout >/dev/null 2>&1 &&
  [ "$(openssl x509 -in parley.pem -noout -pubkey)" = "$(openssl pkey -in parley.key -pubout 2>/dev/null)" ]; then
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 397 -subj "/CN=$root" \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign" -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=parley.localhost" -keyout "$work/parley.key" -out "$work/request" 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' "$names" >"$work/extensions"
openssl x509 -req -in "$work/request" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 396 \
  -extfile "$work/extensions" -out "$work/parley.pem" 2>/dev/null
chmod 644 "$work/ca.pem" "$work/parley.pem"
chmod 640 "$work/parley.key"
chgrp 1001 "$work/parley.key" # the group of dex
# The next run repairs an interrupted one, because the key does not match the certificate.
mv "$work/ca.pem" ca.pem
mv "$work/parley.key" parley.key
mv "$work/parley.pem" parley.pem
