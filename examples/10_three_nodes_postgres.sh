#!/usr/bin/env bash
# Three nodes on PostgreSQL: one is stopped and started again as for an upgrade, one is killed, and
# so is the server. Every message is there once.
# Usage: 10_three_nodes_postgres.sh AGENTPOOL
set -eu
agentpool=$1
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
if [[ -z $programs ]]; then
  echo "test skipped: no PostgreSQL server programs here (Debian: the package postgresql)"
  exit 0
fi
folder=$(mktemp -d)
started=()
cleanup() {
  for id in "${started[@]}"; do kill -KILL "$id" 2>/dev/null || true; done
  server stop -m immediate >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap cleanup EXIT

# A server on a socket in the folder alone; it does not run as root.
as_owner() { if ((EUID == 0)); then (cd / && exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }
server() { as_owner "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" "$@"; }
mkdir "$folder/data"
if ((EUID == 0)); then chown -R postgres:postgres "$folder"; fi
chmod 755 "$folder"
as_owner "$programs/initdb" -D "$folder/data" -A trust -U demo >/dev/null
start_server() { server -o "-k $folder/data -c listen_addresses=''" start >/dev/null; }
start_server
store="postgres:host=$folder/data user=demo dbname=postgres"

start_node() { # name, endpoint
  rm -f "$folder/$1.out"
  mkfifo "$folder/$1.out"
  "$agentpool" --log off node --store "$store" --name "$1" --listen "$2" >"$folder/$1.out" &
  started+=($!)
  disown
  ids[$1]=$!
  read -r _ _ endpoint <"$folder/$1.out"
  endpoints[$1]=$endpoint
}
declare -A ids endpoints
for name in a b c; do start_node "$name" 127.0.0.1:0; done

coproc program { "$agentpool" rpc --connect "${endpoints[a]},${endpoints[b]},${endpoints[c]}"; }
started+=("$program_PID")
in=${program[1]} out=${program[0]}
disown
ask() {
  echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":{\"pool_id\":\"pool.demo\"$2}}" >&"$in"
  read -r answer <&"$out"
}
number=0
# Until it is acknowledged, always with the same key: the store may be away.
send() {
  number=$((number + 1))
  until ask send ",\"message\":{\"message_id\":\"message.$number\",\"from\":\"run.a\",\"to\":{\"target\":{\"type\":\"run\",\"run_id\":\"run.a\"}},\"content_ref\":\"content.$number\",\"idempotency_key\":\"key.$number\"}" &&
    grep -q '"status":"delivered"' <<<"$answer"; do :; done
}
ask open_pool ""
ask join_run ',"member":{"run_id":"run.a","agent_id":"agent.demo"}'
for _ in 1 2 3; do send; done
echo "3 sent"

# As for an upgrade: asked to end, and started again where it was.
kill -TERM "${ids[a]}"
send
while kill -0 "${ids[a]}" 2>/dev/null; do send; done
start_node a "${endpoints[a]}"
send
echo "node a was started again"

kill -KILL "${ids[b]}"
send
echo "node b was killed"

server stop -m immediate >/dev/null
start_server
send
echo "the server was killed"

# Each once, in the log itself.
"$agentpool" inspect --store "$store" --json >"$folder/report.json"
if grep -q "\"messages\":$number[,}]" "$folder/report.json"; then
  echo "as many messages as were sent"
else
  echo "sent $number: $(grep -o '"messages":[0-9]*' "$folder/report.json")"
fi
