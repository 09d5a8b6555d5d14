#!/usr/bin/env bash
# Two agents that know nothing but curl: one waits, the other sends, the first one answers.
# Usage: 12_curl.sh build/agentpool
set -eu
agentpool=$(realpath "$1")
source "$(dirname "$0")/processes.sh"
cd "$folder"
if ! command -v curl >/dev/null; then echo "test skipped: there is no curl"; exit 0; fi

start server "$agentpool" serve --store sqlite:swarm.db
told=$(line server)
url=${told#listening on }
echo "a server listens"

# A JSON-RPC request a POST; the methods are those of docs/contract.md.
call() {  # call METHOD PARAMS
  curl -sS "$url/rpc" -H 'Content-Type: application/json' \
    -d '{"jsonrpc":"2.0","id":1,"method":"'"$1"'","params":'"$2"'}'
}

call open_pool '{"pool_id":"pool.talk"}' >opened.json
join() {  # Joining answers the run's session token: who has it may act as the run.
  field token "$(call join_run '{"pool_id":"pool.talk","member":{"run_id":"'"$1"'",
    "agent_id":"agent.curl"}}')"
}
ann=$(join run.ann)
bob=$(join run.bob)
echo "run.ann and run.bob joined; a session token has ${#ann} digits"

# run.bob waits for a message: the answer comes when there is one.
curl -sS "$url/pools/pool.talk/members/run.bob/inbox?wait_millis=60000" \
  -H "Agentpool-Session-Token: $bob" >inbox.json &
waiting=$!

# The body goes to the content store; the message has its name.
kept=$(call content_put '{"text":"Is the build green?"}')
ref=$(field content_ref "$kept")
send() {
  call send '{"pool_id":"pool.talk","session_token":"'"$ann"'","message":{"message_id":"message.1",
    "from":"run.ann","to":{"target":{"type":"run","run_id":"run.bob"}},
    "content_ref":"'"$ref"'","idempotency_key":"question-1"}}'
}
echo "sent: $(field status "$(send)")"
echo "sent again: $(field status "$(send)")"
wait "$waiting"
echo "run.bob was woken with $(grep -o message.1 inbox.json | sort -u | wc -l) message"
echo "it says: $(field text "$(call content_get '{"content_ref":"'"$ref"'"}')")"

# Nobody acts as a run that somebody else joined.
stranger=$(call inbox '{"pool_id":"pool.talk","run_id":"run.bob"}')
echo "a stranger: $(field kind "$stranger")"

# What happened comes as server-sent events: what was, and then what will be.
start stream curl -sSN -H 'Accept: text/event-stream' \
  "$url/pools/pool.talk/events?kind=run_message_delivered"
until told=$(line stream) && [[ $told == data:* ]]; do :; done
echo "the stream tells: $(field type "${told#data: }")"

end server TERM
echo "the server ends with $ended when asked to"
