/** What is asked about a device, with the answers of an example. */
export interface Answers {
  readonly id: string;
  readonly name: string;
  readonly marker: string;
  readonly payload: string;
  readonly extension: string;
  readonly renamed: string;
}

export const EXAMPLE: Answers = {
  id: 'my-board',
  name: 'My board',
  marker: 'BOARD.TXT',
  payload: 'firmware.bin',
  extension: 'bin',
  renamed: 'firmware.old',
};

const quoted = (text: string): string => JSON.stringify(text);

/** A profile with comments, as TOML. */
export function template({ id, name, marker, payload, extension, renamed }: Answers): string {
  return `# A device of your own. Check it with \`spacepack profile check\`, try it with \`spacepack profile try\`.
schema = 1
id = ${quoted(id)}
name = ${quoted(name)}

# What it does when it is let go of: "anew" (it leaves and is attached anew), "in-place" (it stays attached and shows other
# files), or "never" (it does not come back; then there are no verdicts, and nothing is ever claimed).
returns = "anew"

# How it is known: a file that it always has, and, if you know them, its USB ids or its SCSI names.
[device]
marker = ${quoted(marker)}
# usb = ["1209:0001"]
# inquiry = { vendor = "ACME", product = "Board" }

# Its firmware files. \`begins\` refuses files for something else before anything is written.
[image]
extension = ${quoted(extension)}
# begins = ":"
# most_bytes = 1048576

# Where the firmware goes. With a trigger, that file is written last, and commits the update.
[write]
payload = ${quoted(payload)}
# trigger = { file = "GO.TXT", text = "go" }

# What proves how it ended, tried in this order: renamed, appeared, vanished, status, version (see docs/profiles.md). A file that
# was there before the update and is the same proves nothing.
[[verdict]]
is = "applied"
when = { renamed = ${quoted(renamed)} }

# [[verdict]]
# is = "rejected"
# when = { appeared = "ERROR.TXT" }

# How long to wait, in ms.
[patience]
leave = 30000
away = 120000
answer = 20000
`;
}
