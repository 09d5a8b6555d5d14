#!/usr/bin/env bash
# Two nodes on one SQLite file, and a program that talks to them under mutual TLS. The node that has
# the pool is killed; the program goes on, and what it sent is there once.
# Usage: 09_two_nodes.sh build/agentpool
set -eu
agentpool=$(realpath "$1")
source "$(dirname "$0")/processes.sh"
cd "$folder"

# An authority, and a certificate for each node and program. ca.key belongs on none of their hosts.
"$agentpool" cert ca --out authority >made.txt
for name in node-1 node-2 program; do
  "$agentpool" cert node --ca authority --out "$name" --name "$name" >>made.txt
done
certified() { echo "--tls-cert $1/$1.pem --tls-key $1/$1.key --tls-ca authority/ca.pem"; }

declare -A at
for node in node-1 node-2; do
  start "$node" "$agentpool" node --store sqlite:swarm.db --name "$node" $(certified "$node")
  told=$(line "$node")
  at[$node]=${told#listening on }
done
echo "two nodes listen"

start program "$agentpool" rpc --connect "${at[node-1]},${at[node-2]}" $(certified program)
pool='"pool_id":"pool.book"'
opened=$(ask program open_pool "$pool")
for run in editor reader; do
  member='"member":{"run_id":"run.'$run'","agent_id":"agent.'$run'"}'
  joined=$(ask program join_run "$pool" "$member")
  token=$(field token "$joined")
  echo "run.$run joined; its token has ${#token} digits"
done

send() {  # From the editor to the reader. Its name is its key: sent once, however often.
  ask program send "$pool" '"message":{"message_id":"message.'"$1"'","from":"run.editor",
    "to":{"target":{"type":"run","run_id":"run.reader"}},
    "content_ref":"file:'"$1"'.txt","idempotency_key":"'"$1"'"}'
}
first=$(send chapter-1)
echo "chapter-1: $(field status "$first")"

# Who has the pool dies as its host would that loses its power.
inspect() { "$agentpool" inspect --connect "$1" $(certified program); }
inspect "${at[node-1]}" >node-1.txt
has=node-2 other=node-1
if grep -q '^  pools here: 1$' node-1.txt; then has=node-1 other=node-2; fi
end "$has" KILL
echo "the node that has the pool is killed"

second=$(send chapter-2)
echo "chapter-2: $(field status "$second")"
again=$(send chapter-1)
if [[ $again == "$first" ]]; then echo "chapter-1 again: the receipt of the first time"; fi
inbox=$(ask program inbox "$pool" '"run_id":"run.reader"')
echo "the reader has:" $(grep -o '"file:[^"]*"' <<<"$inbox")

inspect "${at[$other]}" >other.txt
echo "the other node:" $(grep -o 'pool.book\|[0-9]* runs attached' other.txt)

# Members of another authority are no members here.
"$agentpool" cert ca --out outside >>made.txt
"$agentpool" cert node --ca outside --out stranger --name stranger >>made.txt
inspect_as_stranger() {
  "$agentpool" inspect --connect "${at[$other]}" --tls-ca outside/ca.pem \
    --tls-cert stranger/stranger.pem --tls-key stranger/stranger.key
}
inspect_as_stranger 2>refused.txt || echo "a stranger is refused: exit code $?"
sed "s/${at[$other]}/HOST:PORT/; s/handshake: .*/handshake/" refused.txt

end program
echo "the program ends with $ended at the end of its input"
end "$other" TERM
echo "the node ends with $ended when asked to"
