"""A server of notifications (org.freedesktop.Notifications) that prints what it is told, one JSON object a line, and says yes to each question."""
import json
import sys
from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.Notifications">
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""
PATH = "/org/freedesktop/Notifications"
NAME = "org.freedesktop.Notifications"


def say(value):
    print(json.dumps(value), flush=True)


def answer(connection, sender, path, interface, method, parameters, invocation):
    if method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["actions", "body", "body-markup", "body-hyperlinks"],)))
    elif method == "Notify":
        _, _, _, summary, body, actions, _, _ = parameters.unpack()
        say({"summary": summary, "body": body, "actions": actions})
        invocation.return_value(GLib.Variant("(u)", (1,)))
        if actions:
            connection.emit_signal(sender, PATH, NAME, "ActionInvoked", GLib.Variant("(us)", (1, actions[0])))
            connection.emit_signal(sender, PATH, NAME, "NotificationClosed", GLib.Variant("(uu)", (1, 2)))
    else:
        invocation.return_value(None)


def serve(connection, _):
    connection.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], answer, None, None)


Gio.bus_own_name(
    Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, serve, lambda *_: say("ready"), lambda *_: sys.exit(1)
)
GLib.MainLoop().run()
