import { build } from './built.ts';

/** Once for all files of tests. */
export default function setup(): () => void {
  return build();
}
