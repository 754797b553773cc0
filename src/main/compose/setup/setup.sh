#!/bin/sh
# Makes, once, what must not be in any file of the project: the key that signs tokens, and a self-signed
# certificate. Existing files are kept, so you can put your own certificate in their place.
#   setup.sh FOLDER_FOR_THE_CERTIFICATE FOLDER_FOR_THE_SECRET
# If it runs as root, it gives the files to the users that read them: NGINX_UID, PARLEY_UID.
set -eu
umask 077
certificate="$1"
secret="$2"

# Files are made elsewhere and moved into place, so that an interrupted run leaves nothing half made.
if [ ! -s "$certificate/tls.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
    -subj "/CN=${PARLEY_HOST:-localhost}" \
    -addext "subjectAltName=DNS:${PARLEY_HOST:-localhost},DNS:localhost,IP:127.0.0.1,IP:::1" \
    -keyout "$certificate/tls.key.new" -out "$certificate/tls.crt"
  mv "$certificate/tls.key.new" "$certificate/tls.key"
  echo "made a self-signed certificate: browsers will warn of it"
fi

# Spring reads a file as the setting that it is named after (spring.config.import: configtree).
if [ ! -s "$secret/parley.access.jwt-secret" ]; then
  openssl rand -hex 32 | tr -d '\n' >"$secret/secret.new"
  mv "$secret/secret.new" "$secret/parley.access.jwt-secret"
  echo "made a secret for tokens"
fi

if [ "$(id -u)" = 0 ]; then
  chown "${NGINX_UID:-0}" "$certificate/tls.key" "$certificate/tls.crt"
  chown "${PARLEY_UID:-0}" "$secret/parley.access.jwt-secret"
  chmod 0755 "$certificate" "$secret"
fi
