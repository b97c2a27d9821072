"""
terminal.py STEPS PROGRAM ARGS...: runs a program on a terminal of its own. STEPS is JSON: a list of ["expect", text], ["type", text],
["hidden"], ["size", columns]. Prints what the terminal showed, and ends with the program's status.
"""
import fcntl, json, os, pty, select, struct, sys, termios, time

steps, program = json.loads(sys.argv[1]), sys.argv[2:]


def size(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))


child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)
size(80)
shown, seen, ends = '', 0, time.monotonic() + 50


def read():
    global shown
    if time.monotonic() > ends or not select.select([terminal], [], [], 0.5)[0]:
        return time.monotonic() <= ends
    try:
        data = os.read(terminal, 65536)
    except OSError:
        data = b''
    shown += data.decode('utf8', 'replace')
    return data != b''


for kind, *values in steps:
    value = values[0] if values else None
    if kind == 'expect':
        while value not in shown[seen:] and read():
            pass
        if value not in shown[seen:]:
            print(shown)
            sys.exit(f'never shown: {value}')
        seen = shown.index(value, seen) + len(value)
    elif kind == 'type':
        os.write(terminal, value.encode())
    elif kind == 'hidden':
        # What is typed from here on is not shown; the terminal knows when that has begun.
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            time.sleep(0.01)
    elif kind == 'size':
        size(value)
while read():
    pass
print(shown)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
