import { makeOwnFolder, readText, removeOwn, writeWhole } from '../computer/own-disk.ts';
import type { Ran, RunProgram } from '../computer/run-program.ts';
import type { SystemProgram } from '../computer/system-programs.ts';
import { SpacepackError } from '../protocol/errors.ts';

/** A change to this computer: shown with `--dry-run`, made otherwise. */
export type Step =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly content: string;
      readonly encoding?: 'utf8' | 'utf16le';
      /** Default: for its owner only. */
      readonly mode?: number;
    }
  | { readonly kind: 'remove'; readonly path: string }
  | {
      readonly kind: 'run';
      readonly program: SystemProgram;
      readonly args: readonly string[];
      /** How to run the command if running it once is not enough. Rejects with a SpacepackError. */
      readonly perform?: () => Promise<void>;
    };

/** What a failed program printed, for messages. */
export function saidBy({ failure, status, stdout, stderr }: Ran): string {
  const said = stderr.trim() || stdout.trim() || 'nothing';
  return failure === null ? `exit status ${status}: ${said}` : `${failure}: ${said}`;
}

/** The bytes of a file to write. Task Scheduler wants UTF-16 with a byte order mark. */
function bytesOf(content: string, encoding: 'utf8' | 'utf16le' = 'utf8'): Uint8Array {
  return Buffer.from(encoding === 'utf16le' ? `\ufeff${content}` : content, encoding);
}

/** A `write`, unless the file already has this content. */
export async function writeUnlessSame(path: string, content: string, mode?: number): Promise<readonly Step[]> {
  const found = await readText(path).catch(() => null);
  return found === content ? [] : [{ kind: 'write', path, content, ...(mode !== undefined && { mode }) }];
}

/** Makes one change. Rejects with `not-ready` if a command fails. */
export async function carryOut(step: Step, run: RunProgram): Promise<void> {
  switch (step.kind) {
    case 'folder':
      await makeOwnFolder(step.path);
      return;
    case 'write':
      return writeWhole(step.path, bytesOf(step.content, step.encoding), step.mode);
    case 'remove':
      return removeOwn(step.path);
    case 'run': {
      if (step.perform !== undefined) return step.perform();
      const ran = await run(step.program, step.args);
      if (ran.status === 0) return;
      const command = [step.program, ...step.args].join(' ');
      throw new SpacepackError('not-ready', `Expected \`${command}\` to succeed, found ${saidBy(ran)}.`);
    }
  }
}
