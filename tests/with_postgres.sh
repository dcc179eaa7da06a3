#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: a new cluster in a temporary folder, reached by a socket there and by
# nothing else, gone when the command ends. tests/with_postgres.sh COMMAND...
set -euo pipefail
bin=$(find /usr/lib/postgresql/*/bin -maxdepth 1 -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)") 2>/dev/null || {
  echo "PostgreSQL is needed (Debian, Ubuntu: apt-get install postgresql)." >&2
  exit 1
}
folder=$(mktemp -d -t breachpattern-pg.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
  chown postgres "$folder"
  as=(runuser -u postgres --)
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
cd "$folder" # where that other user may be
"${as[@]}" "$bin/initdb" -D "$folder/data" -U tester -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 \
  || { cat "$folder/initdb.log" >&2; exit 1; }
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=40" start >/dev/null \
  || { cat "$folder/server.log" >&2; exit 1; }
cd "$OLDPWD"
BREACHPATTERN_TEST_POSTGRES="postgresql+psycopg://tester@/postgres?host=$folder" "$@"
