// Checks a firmware file as `verify` does: node bench/check-image.mjs FILE. Exits with another status than 0 if it is broken.

import { openImage } from '../dist/src/image/open-image.js';
import { FAMILIES } from '../dist/src/protocol/families.js';
import { SHARED_FORMATS } from '../dist/src/protocol/image-formats.js';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node bench/check-image.mjs FILE');
await openImage(file, [...FAMILIES, { images: SHARED_FORMATS }]);
