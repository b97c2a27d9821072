#!/bin/sh
# Brings every SpacePack on a test bench to one firmware before the tests of a build run.
#
#   build-server.sh IMAGE [OPTIONS OF SPACEPACK]
#
# Exit status: 0 all devices run IMAGE; 75 (EX_TEMPFAIL) nothing is known to be wrong, try again later; else that of spacepack.
# Leaves beside itself, in the working folder: spacepack.ndjson with every event, spacepack-result.json with the last of them.
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
# 9: not known how it ended. The next run first finds that out, and only then installs anything.
if [ "$status" -eq 9 ]; then
  attempt "$@"
  status=$?
fi
case $status in
  0) echo "All devices run $image." ;;
  3) echo "No device is plugged in: nothing was tested." >&2; status=75 ;;
  6 | 10) echo "A volume would not do at this moment: see spacepack-result.json." >&2; status=75 ;;
  *) echo "Exit status $status: see spacepack-result.json." >&2 ;;
esac
exit "$status"
