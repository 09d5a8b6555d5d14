#!/usr/bin/env bash
# Three nodes on a PostgreSQL server, and three programs whose runs write to each other without a
# pause while a node is upgraded, another one killed, and the server restarted. In the log at the
# end every message is there once.
# Usage: 10_three_nodes_postgres.sh build/agentpool
set -eu
agentpool=$(realpath "$1")
server=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [[ ! -x $server/initdb ]]; then
  echo "test skipped: no PostgreSQL server programs here (Debian: the package postgresql)"
  exit
fi
source "$(dirname "$0")/processes.sh"
cd "$folder"

# A server for this example alone, at a socket in its folder. It does not run as root.
mkdir database
as_server=(setpriv --pdeathsig QUIT)
if ((EUID == 0)); then
  as_server+=(--reuid=postgres --regid=postgres --clear-groups)
  chmod 711 . && chown postgres: database
fi
cd database
"${as_server[@]}" "$server/initdb" -D data -U swarm -A trust -E UTF8 --no-locale >../made.txt
start_server() {
  start server "${as_server[@]}" sh -c 'exec "$@" 2>&1' - "$server/postgres" -D data -k "$PWD" \
    -c listen_addresses= -c unix_socket_permissions=0777 -c log_min_messages=log
  local said=
  until [[ $said == *"ready to accept connections" ]]; do said=$(line server); done
}
start_server
store="postgres:host=$PWD user=swarm dbname=postgres"

declare -A at
start_node() {  # Where it was before, so that programs find it again.
  start "$1" "$agentpool" node --store "$store" --name "$1" --listen "${at[$1]-127.0.0.1:0}"
  told=$(line "$1")
  at[$1]=${told#listening on }
}
for node in node-1 node-2 node-3; do start_node "$node"; done

pool='"pool_id":"pool.swarm"'
for run in 1 2 3; do
  start "program-$run" "$agentpool" rpc --connect "${at[node-1]},${at[node-2]},${at[node-3]}"
  answer=$(ask "program-$run" open_pool "$pool")
  answer=$(ask "program-$run" join_run "$pool" \
    '"member":{"run_id":"run.'$run'","agent_id":"agent.writer"}')
done
echo "three nodes, three programs"

sent=0
send_some() {  # From each run to the next one; the answers are not waited for.
  local run i
  for ((i = 0; i < 30; ++i)); do
    sent=$((sent + 1))
    for run in 1 2 3; do
      tell "program-$run" send "$pool" '"message":{"from":"run.'$run'",
        "to":{"target":{"type":"run","run_id":"run.'$((run % 3 + 1))'"}},
        "message_id":"message.'$run.$sent'","idempotency_key":"'$run.$sent'",
        "content_ref":"content.any"}'
    done
  done
}
delivered() {  # Reads those answers.
  local run i answer count=0
  for run in 1 2 3; do
    for ((i = 0; i < 30; ++i)); do
      answer=$(line "program-$run")
      [[ $answer == *'"status":"delivered"'* ]] || fail "$answer"
      count=$((count + 1))
    done
  done
  echo "$1: $count sent, $count delivered"
}
who_has_it() {
  for node in node-1 node-2 node-3; do
    "$agentpool" inspect --connect "${at[$node]}" >told.txt
    if grep -q '^  pools here: 1$' told.txt; then return; fi
  done
  fail "no node has the pool"
}

send_some
delivered "all is well"

who_has_it
send_some
end "$node" TERM
start_node "$node"
delivered "the node that has the pool ended with $ended, and a newer one took its place"

who_has_it
send_some
end "$node" KILL
delivered "the node that has the pool was killed"

send_some
end server INT
start_server
delivered "the server was restarted"

for run in 1 2 3; do
  entries=$(ask "program-$run" inbox "$pool" '"run_id":"run.'$run'"' '"max":1000')
  echo "run.$run was given $(grep -o '"message_id":"[^"]*"' <<<"$entries" | sort -u | wc -l)"
  end "program-$run"
done

# The log as it is in the database, without the nodes.
"$agentpool" inspect --store "$store" --json >log.json
for what in accepted delivered; do
  grep -o '"message_'$what'","detail":"message[.0-9]*' log.json | sort | uniq -c >"$what.txt"
  once=$(grep -c '^ *1 ' "$what.txt") || true
  echo "$what: $(wc -l <"$what.txt") messages, $once of them once"
done
for node in "${!at[@]}"; do
  if [[ -n ${process[$node]-} ]]; then end "$node" TERM; fi
done
end server INT
