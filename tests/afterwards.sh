#!/bin/sh
# afterwards.sh FOLDER: when its standard input closes, however its caller died, stops FOLDER's cluster and removes FOLDER.
read -r _
data=$1/postgres/data
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
# The number may belong to another process by now; a server works in its data directory.
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; then
    kill -QUIT "$pid"
    tries=100
    while [ $((tries -= 1)) -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
fi
rm -rf "$1"
