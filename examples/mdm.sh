#!/bin/sh
# The login item on managed Macs. Device management runs this as root; the login item belongs to the user at the screen.
#
#   mdm.sh install URL TRUST   Jamf: a script with the parameters; Munki: postinstall_script
#   mdm.sh installcheck        Munki: installcheck_script (0: it must be installed, 1: it is installed)
#   mdm.sh report              Jamf: an extension attribute, as <result>
#   mdm.sh uninstall           Munki: uninstall_script
#
# Exit status: that of spacepack; 0 if nobody is logged in, because then there is nothing to do yet.
set -u
spacepack=${SPACEPACK:-/usr/local/bin/spacepack}

# Jamf passes mount point, computer and user before the parameters.
case ${1:-} in /*) shift 3 ;; esac
verb=${1:-report}

person=$(stat -f %Su /dev/console 2>/dev/null)
if [ -z "$person" ] || [ "$person" = root ] || [ "$person" = loginwindow ]; then
  [ "$verb" = report ] && echo "<result>nobody is logged in</result>"
  [ "$verb" = installcheck ] && exit 1
  exit 0
fi

# Runs in the user's session, because login items exist only there.
as_person() {
  launchctl asuser "$(id -u "$person")" sudo -u "$person" -H "$spacepack" "$@"
}
stands() {
  as_person agent status --json --quiet 2>/dev/null | grep '"event":"agent"'
}

case $verb in
  install) as_person agent install --channel "${2:?URL}" --trust "${3:?TRUST}" --json --quiet ;;
  uninstall) as_person agent uninstall --json --quiet ;;
  installcheck)
    case $(stands) in *'"installed":true,"active":true'*) exit 1 ;; *) exit 0 ;; esac
    ;;
  report)
    case $(stands) in
      *'"installed":true,"active":true'*) echo "<result>active</result>" ;;
      *'"installed":true'*) echo "<result>installed, not active</result>" ;;
      *) echo "<result>not installed</result>" ;;
    esac
    ;;
  *) echo "mdm.sh: expected install, uninstall, installcheck or report, found $verb" >&2; exit 64 ;;
esac
