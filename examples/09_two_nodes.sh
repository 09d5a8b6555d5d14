#!/usr/bin/env bash
# Two nodes on one store, mutual TLS, and a program that does not mind when a node is killed.
# Usage: 09_two_nodes.sh AGENTPOOL
set -eu
agentpool=$1
folder=$(mktemp -d)
started=()
cleanup() {
  for id in "${started[@]}"; do kill -KILL "$id" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap cleanup EXIT

# An authority, and a certificate for each who is to be a member.
"$agentpool" cert ca --out "$folder/pki" >/dev/null
for name in a b program; do
  "$agentpool" cert node --ca "$folder/pki" --out "$folder/pki" --name "$name" --host 127.0.0.1 >/dev/null
done
tls() { echo "--tls-cert $folder/pki/$1.pem --tls-key $folder/pki/$1.key --tls-ca $folder/pki/ca.pem"; }

# A node prints one line once programs can connect.
start_node() {
  mkfifo "$folder/$1.out"
  # shellcheck disable=SC2046
  "$agentpool" --log off node --store "sqlite:$folder/swarm.db" --name "$1" $(tls "$1") \
    >"$folder/$1.out" &
  started+=($!)
  disown
  read -r _ _ endpoint <"$folder/$1.out"
}
start_node a; a=$endpoint; a_id=${started[-1]}
start_node b; b=$endpoint; b_id=${started[-1]}

# The program: JSON-RPC, one line in, one line out.
# shellcheck disable=SC2046
coproc program { "$agentpool" rpc --connect "$a,$b" $(tls program); }
started+=("$program_PID")
in=${program[1]} out=${program[0]}
disown
ask() {
  echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":{\"pool_id\":\"pool.demo\"$2}}" >&"$in"
  read -r answer <&"$out"
}
send() {
  ask send ",\"message\":{\"message_id\":\"message.$1\",\"from\":\"run.a\",\"to\":{\"target\":{\"type\":\"run\",\"run_id\":\"run.b\"}},\"content_ref\":\"content.$1\",\"idempotency_key\":\"key.$1\"}"
  grep -o '"status":"[a-z]*"' <<<"$answer"
}
ask open_pool ""
ask join_run ',"member":{"run_id":"run.a","agent_id":"agent.demo"}'
ask join_run ',"member":{"run_id":"run.b","agent_id":"agent.demo"}'
send 1

# The node that has the pool is killed.
has_pool() { # shellcheck disable=SC2046
  "$agentpool" inspect --connect "$1" $(tls program) | grep -q 'pools here: 1'; }
if has_pool "$a"; then kill -KILL "$a_id"; left=$b; else kill -KILL "$b_id"; left=$a; fi
echo "killed the node that had the pool"

send 2
send 1  # again: the same key, the same receipt, and no second message
ask inbox ',"run_id":"run.b"'
grep -o '"message_id":"[a-z.0-9]*"' <<<"$answer"
has_pool "$left" && echo "the other node has the pool"
