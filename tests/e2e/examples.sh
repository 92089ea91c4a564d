#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The example programs on the real platform: each runs to its end, and prints what its comment says.
# tier: test
# builds: plain asan
set -u

examples=${WEIR_BUILD:-build}/examples
folder=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill -KILL "$server" 2>/dev/null; rm -rf "$folder"' EXIT

fail() {
    printf '%s\n' "$@" >&2
    [ -f "$folder/out" ] && sed 's/^/    /' "$folder/out" >&2
    exit 1
}

# run NAME: its output is in $folder/out
run() {
    timeout 60 "$examples/$1" >"$folder/out" 2>&1 || fail "$1: exit status $?, having printed"
}

# line NUMBER PATTERN: that line of the output is of that form; "$" is the last
line() {
    sed -n "$1p" "$folder/out" | grep -Eqx -- "$2" || fail "$name: line $1 is not of the form $2 in"
}

# only PATTERN: those lines of the output, in its order
only() { grep -E -- "$1" "$folder/out"; }

same() { [ "$1" = "$2" ] || fail "$name: expected" "$2" "but there is" "$1" "in"; }

# ---- Programs that end by themselves

name=count
run $name
for task in {1..10}; do
    same "$(only "^task $task counts ")" "$(printf "task $task counts %d\n" {1..5})"
done
same "$(wc -l <"$folder/out")" 51
line '$' 'together: 150'

name=gather
run $name
same "$(cat "$folder/out")" "$(printf 'found "world"\nfound "hello"\nhello, world')"

name=side_by_side
run $name
line 1 'quick: worked for 100 ms'
line 2 'slow: worked for 300 ms'
line 3 'both: [0-9]+ ms'

name=producers_consumers
run $name
# Each once. Mostly in order too, but a producer whose slice is over gives way between taking a number and putting it.
same "$(only '^order ' | sort -V)" "$(printf 'order %d\n' {1..30})"
line '$' '30 made, 30 sold, at most 4 in the queue'

name=timeout
run $name
line 1 'ETIME: .+'
line 2 '8 of 8 leaves said goodbye'

name=ten_thousand
run $name
line 1 '10000 slept at once, 10000 woke'
line 2 'it took [0-9]+ ms'

name=offload
run $name
line 1 'answer 42; the loop went on'
line 2 'ETIME after some tries'

name=events
run $name
for sensor in 1 2 3; do
    same "$(only "^sensor $sensor: ")" "$(printf "sensor $sensor: reading %d\n" {1..4})"
done
line '$' 'all sensors have hung up, the clock (ticked|stood still)'

# ---- The server, with clients

# start_server: $server is its process, $port its port. Its SIGINT is as a terminal's child has it.
start_server() {
    env --default-signal=INT "$examples/echo_server" 127.0.0.1:0 >"$folder/out" 2>&1 &
    server=$!
    for _ in {1..200}; do
        port=$(sed -n 's/^listening on 127\.0\.0\.1://p' "$folder/out")
        [ -n "$port" ] && return
        sleep 0.05
    done
    fail "$name: does not say where it listens"
}

# echoes FD TEXT: what is sent comes back
echoes() {
    local got=
    printf '%s\n' "$2" >&"$1"
    IFS= read -r -t 20 -u "$1" got || fail "$name: no answer to $2"
    same "$got" "$2"
}

name=echo_server
start_server
exec 3<>"/dev/tcp/127.0.0.1/$port" 4<>"/dev/tcp/127.0.0.1/$port"
echoes 3 'to be, or not to be'
echoes 4 "$(printf '%0.sx' {1..20000})" # more than its buffer
echoes 3 'that is the question'

kill -INT "$server"
IFS= read -r -t 20 -u 3 got && fail "$name: an idle client got $got instead of its end"
wait "$server"
same "exit status $?" 'exit status 0'
server=
(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && fail "$name: something still listens"

echo "all examples do what they say"
