/**
 * The version of this package. A test compares it with package.json, which would take too long to read at every start.
 */
export const VERSION = '0.1.0';
