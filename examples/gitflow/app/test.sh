#!/bin/sh
set -eu
said=$(API_VERSION=1.2.3 sh shop/version)
[ "$said" = '{"version":"1.2.3"}' ]
echo "The shop says its version."
