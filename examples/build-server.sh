#!/bin/sh
# Installs the same firmware on every SpacePack of a test bench before the tests of a build run.
#
#   build-server.sh IMAGE [OPTIONS OF SPACEPACK]
#
# Exit status: 0: all devices run IMAGE; 75 (EX_TEMPFAIL): nothing is known to be wrong, try again later; else that of spacepack.
# Leaves in the working folder: spacepack.ndjson with every event, spacepack-result.json with the last one.
set -u
spacepack=${SPACEPACK:-spacepack}
image=${1:?usage: build-server.sh IMAGE [OPTIONS]}
shift

attempt() {
  "$spacepack" update "$image" --all --yes --json --quiet "$@" >>spacepack.ndjson
  status=$?
  tail -n 1 spacepack.ndjson >spacepack-result.json
  return $status
}

: >spacepack.ndjson
attempt "$@"
status=$?
# 9: it is not known how the update ended. The next run finds that out before it installs anything.
if [ "$status" -eq 9 ]; then
  attempt "$@"
  status=$?
fi
case $status in
  0) echo "All devices run $image." ;;
  3) echo "No device is plugged in: nothing was tested." >&2; status=75 ;;
  6 | 10) echo "At least one device could not be updated just now: see spacepack-result.json." >&2; status=75 ;;
  *) echo "Exit status $status: see spacepack-result.json." >&2 ;;
esac
exit "$status"
