/** The version of this package; a test holds it to the one in package.json, which would take too long to read at every start. */
export const VERSION = '0.1.0';
