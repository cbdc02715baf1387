#!/bin/sh
set -eu
grep -q "We are open" www/index.html
echo "The shop is open."
