import { fieldsOf, ProfileFault, type ProfileFields, shown } from './fields.ts';
import { folderOf, isSamePath } from './plain-path.ts';
import type { Profile } from './profile.ts';
import { placeKeys, readPlace, readVerdicts } from './read-verdicts.ts';

const KEYS = ['schema', 'id', 'name', 'device', 'version', 'image', 'write', 'returns', 'verdict', 'patience'];
const MIB = 1024 * 1024;
/** The most bytes of an image, because a renamed one is read as a whole. */
const MOST_BYTES = 64 * MIB;
const LONGEST_MS = 24 * 60 * 60 * 1000;

function readUsb(fields: ProfileFields): Profile['device']['usb'] {
  return fields.list('usb').map((text, index) => {
    const [, vendor, product] = (typeof text === 'string' && /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(text)) || [];
    if (vendor !== undefined && product !== undefined) {
      return { vendorId: Number.parseInt(vendor, 16), productId: Number.parseInt(product, 16) };
    }
    throw new ProfileFault(`${fields.at}.usb[${index + 1}]`, 'USB ids like "1209:7019"', shown(text));
  });
}

function readDevice(fields: ProfileFields, version: Profile['version']): Profile['device'] {
  const inquiry = fields.has('inquiry') ? fields.table('inquiry', ['vendor', 'product']) : null;
  const device = {
    usb: readUsb(fields),
    inquiry: inquiry && {
      vendor: inquiry.text('vendor', { isEmptyToo: true }),
      product: inquiry.text('product', { isEmptyToo: true }),
    },
    marker: fields.has('marker') ? fields.path('marker') : (version?.file ?? null),
  };
  if (version !== null && device.marker !== version.file) {
    return fields.fail('marker', `the file that tells the version, "${version.file}"`);
  }
  if (device.usb.length === 0 && device.inquiry === null && device.marker === null) {
    throw new ProfileFault(fields.at, 'at least one of "usb", "inquiry" and "marker"', 'none');
  }
  return device;
}

function readVersion(root: ProfileFields): Profile['version'] {
  if (!root.has('version')) return null;
  const fields = root.table('version', placeKeys('file'));
  const place = readPlace(fields);
  if (place === null) return fields.fail('key', 'one of "key", "after" and "separator"');
  return { file: fields.path('file'), place };
}

function beginsOf(fields: ProfileFields): Uint8Array {
  if (fields.has('begins') && fields.has('begins_hex')) fields.fail('begins_hex', 'either "begins" or this', 'both');
  if (fields.has('begins_hex')) {
    const may = /^([0-9a-f]{2}){1,32}$/i;
    const hex = fields.text('begins_hex', { may, expected: 'up to 32 bytes in hexadecimal digits' });
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  }
  if (!fields.has('begins')) return new Uint8Array();
  const may = /^[\x20-\x7e]{1,32}$/;
  return new TextEncoder().encode(fields.text('begins', { may, expected: 'up to 32 characters of ASCII' }));
}

function readImage(root: ProfileFields): Profile['image'] {
  const fields = root.table('image', ['extension', 'begins', 'begins_hex', 'most_bytes', 'packed']);
  return {
    extension: fields.text('extension', { may: /^[a-z0-9]{1,12}$/, expected: 'an extension like "bin"' }),
    begins: beginsOf(fields),
    mostBytes: fields.whole('most_bytes', 1, MOST_BYTES, 4 * MIB),
    isPacked: fields.flag('packed'),
  };
}

function readWrite(root: ProfileFields): Profile['write'] {
  const fields = root.table('write', ['payload', 'trigger', 'over']);
  const payload = fields.path('payload');
  const isOver = fields.flag('over');
  if (!fields.has('trigger')) return { payload, trigger: null, isOver };
  if (isOver) return fields.fail('trigger', 'none, because the payload is written "over" the file of the device');
  const inner = fields.table('trigger', ['file', 'text']);
  const file = inner.path('file');
  if (isSamePath(file, payload)) inner.fail('file', 'another file than the payload');
  if (!isSamePath(folderOf(file), folderOf(payload))) inner.fail('file', 'a file in the folder of the payload');
  const may = /^[\x20-\x7e\r\n\t]{0,4096}$/;
  return { payload, isOver, trigger: { file, text: inner.text('text', { may, expected: 'text in ASCII' }) } };
}

/** A profile from the value of its TOML or JSON. Throws a `ProfileFault` that names the field. */
export function readProfile(value: unknown): Profile {
  const root = fieldsOf(value, '', KEYS);
  if (root.whole('schema', 1, 1) !== 1) root.fail('schema', '1');
  const id = root.text('id', { may: /^[a-z][a-z0-9-]{1,40}$/, expected: 'a name like "my-board"' });
  const name = root.text('name');
  const version = readVersion(root);
  const device = readDevice(root.table('device', ['usb', 'inquiry', 'marker']), version);
  const [image, write] = [readImage(root), readWrite(root)];
  if (device.marker !== null && !write.isOver) {
    const isOurs = [write.payload, write.trigger?.file ?? ''].some((path) => isSamePath(path, device.marker ?? ''));
    if (isOurs)
      throw new ProfileFault('device.marker', 'a file that the device has', `"${device.marker}", which we write`);
  }
  const returns = root.oneOf('returns', ['anew', 'in-place', 'never']);
  const patience = root.has('patience') ? root.table('patience', ['leave', 'away', 'answer']) : null;
  const ms = (key: string, usual: number): number => patience?.whole(key, 0, LONGEST_MS, usual) ?? usual;
  return {
    id,
    name,
    device,
    version,
    image,
    write,
    returns,
    verdicts: readVerdicts(root, { write, version, returns }),
    patience: { leaveMs: ms('leave', 30_000), awayMs: ms('away', 120_000), answerMs: ms('answer', 20_000) },
  };
}
