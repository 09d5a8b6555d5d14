# For the examples that start programs: these are started, talked to, and ended whatever happens.
# Source it; then start NAME COMMAND…, line NAME, ask NAME METHOD FIELD…, end NAME [SIGNAL].

declare -A process=() input=() output=()
folder=$(mktemp -d)
patience=60  # Seconds for one line. Nothing sleeps: every wait is for a line, or for an end.

fail() {
  echo "$*" >&2
  cat "$folder"/*.errors >&2
  exit 1
}

finish() {
  {
    kill -KILL "${process[@]}"
    wait "${process[@]}"
  } 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

start() {  # Starts a command, which ends with this shell at the latest (pdeathsig).
  local name=$1 in out fd
  shift
  rm -f "$folder/$name".{in,out}
  mkfifo "$folder/$name".{in,out}
  (
    # Or a program would hold the input of another one open.
    for fd in "${input[@]}" "${output[@]}"; do exec {fd}>&-; done
    exec setpriv --pdeathsig KILL "$@" \
      <"$folder/$name.in" >"$folder/$name.out" 2>>"$folder/$name.errors"
  ) &
  process[$name]=$!
  exec {in}>"$folder/$name.in" {out}<"$folder/$name.out"
  input[$name]=$in output[$name]=$out
}

line() {  # The next line that NAME writes.
  local text
  IFS= read -r -t "$patience" text <&"${output[$1]}" || fail "$1 says nothing"
  printf '%s\n' "$text"
}

tell() {  # Writes one request of JSON-RPC: tell NAME METHOD FIELD…
  local name=$1 method=$2 fields IFS=,
  shift 2
  fields=$*
  printf '{"jsonrpc":"2.0","id":1,"method":"%s","params":{%s}}\n' "$method" "${fields//$'\n'/}" \
    >&"${input[$name]}"
}

ask() {  # The same, and its answer.
  tell "$@"
  line "$1"
}

end() {  # Ends NAME by a signal, or by the end of its input, and sets `ended` to its exit code.
  local name=$1 fd=${input[$1]}
  if [[ -n ${2-} ]]; then kill -"$2" "${process[$name]}"; fi
  exec {fd}>&-
  ended=0
  wait "${process[$name]}" 2>/dev/null || ended=$?
  fd=${output[$name]}
  exec {fd}<&-
  unset "process[$name]" "input[$name]" "output[$name]"
}

field() {  # A field's value in a JSON text: field NAME TEXT.
  local value=${2#*\""$1"\":}
  [[ $value != "$2" ]] || fail "no $1 in $2"
  value=${value#\"}
  printf '%s\n' "${value%%[\",\}]*}"
}
