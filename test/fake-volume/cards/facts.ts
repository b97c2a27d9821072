import type { CardOptions } from '../world-options.ts';
import { someUserFiles } from './user-files.ts';

/** What is fixed about a card. */
export interface CardFacts {
  readonly scheme: 'mbr' | 'gpt' | 'none' | 'unknown';
  /** Lower case; `null`: none recognised. */
  readonly fileSystem: string | null;
  readonly label: string;
  readonly sizeBytes: number;
}

/** The facts of a card, of which those that are not given are usual ones. */
export function factsOf(options: CardOptions): CardFacts {
  return {
    scheme: options.scheme ?? 'mbr',
    fileSystem: options.fileSystem === undefined ? 'fat32' : options.fileSystem,
    label: options.label ?? 'SPACEPACK',
    sizeBytes: options.sizeBytes ?? 1024 ** 3,
  };
}

/** Whether the device reads it (protocol §1.1). */
export function isControlVolume({ scheme, fileSystem, sizeBytes }: CardFacts): boolean {
  return sizeBytes > 0 && scheme === 'mbr' && /^fat(12|16|32)?$/.test(fileSystem ?? '');
}

/** What is on the card before the device gets it. */
export function filesOf(options: CardOptions): ReadonlyMap<string, Uint8Array> {
  return options.files ?? someUserFiles();
}
