import { type Card, RESERVED, type ReservedName } from '../cards/card.ts';
import type { Board } from './board.ts';
import { writeText } from './grammar.ts';
import { versionText } from './values.ts';

// protocol §3.6
const LENGTH_BYTES = 1024;

/** INFO.TXT as it is now (protocol §4.1). */
export function infoText(board: Board): Uint8Array {
  const { settings, memory, running } = board;
  const application = running.mode === 'application' ? running : null;
  return writeText(
    [
      ['Protocol', String(settings.protocol)],
      ['Model', settings.model],
      ['Hardware', settings.hardware.toString(16).toUpperCase().padStart(4, '0')],
      ['Serial', settings.serial],
      ['Mode', running.mode],
      ['Version', application === null ? 'none' : versionText(application.version)],
      ['Image', application?.hash ?? 'none'],
      ['Boot-Count', String(memory.bootCount)],
      ['Session', board.session],
      ['Max-Payload', String(settings.maxPayloadBytes)],
      ['Security-Floor', String(memory.securityFloor)],
      ['Battery', String(board.batteryPercent)],
      ['Battery-Min', String(settings.batteryMinPercent)],
      ['Quiet-ms', String(settings.quietMs)],
      ['Quiet-Dirty-ms', String(settings.quietDirtyMs)],
      ['Max-Away-ms', String(settings.maxAwayMs)],
    ],
    LENGTH_BYTES,
  );
}

/** STATUS.TXT: a copy of the journal for the host (protocol §6.1, §9.3). */
export function statusText(board: Board): Uint8Array {
  const { install, pingNonce } = board.journal.entry();
  const answer = install?.answer ?? null;
  return writeText(
    [
      ['Protocol', String(board.settings.protocol)],
      ['Boot-Count', String(board.memory.bootCount)],
      ['Nonce', install?.nonce ?? 'none'],
      ['State', install === null ? 'idle' : (answer?.state ?? 'started')],
      ['Code', answer?.code ?? 'none'],
      ['From', install?.from ?? 'none'],
      ['To', install?.to ?? 'none'],
      ['Image', install?.image ?? 'none'],
      ['Trigger-Boot-Count', install?.triggerBootCount?.toString() ?? 'none'],
      ['Ping-Nonce', pingNonce ?? 'none'],
      ['Detail', (answer?.detail ?? '').slice(0, 256)],
    ],
    LENGTH_BYTES,
  );
}

/**
 * Brings both files up to date, while the host cannot see the card (protocol §9.1). Answers `false` and writes neither if
 * the chain of either fails its check, or if one would have to be allocated on a volume that is not clean (protocol §9.5).
 */
export function tell(board: Board, card: Card): boolean {
  const files: readonly (readonly [ReservedName, Uint8Array])[] = [
    [RESERVED.status, statusText(board)],
    [RESERVED.info, infoText(board)],
  ];
  const isWritten =
    files.every(([name]) => mayWrite(card, name)) && files.every(([name, bytes]) => put(card, name, bytes));
  board.log(isWritten ? `writes ${summary(board)}` : 'writes nothing to the card: it fails the checks');
  return isWritten;
}

function summary(board: Board): string {
  const { install } = board.journal.entry();
  const state = install === null ? 'idle' : (install.answer?.state ?? 'started');
  const code = install?.answer?.code ?? 'none';
  return `INFO.TXT (boot count ${board.memory.bootCount}) and STATUS.TXT (${state}, ${code})`;
}

function mayWrite(card: Card, name: ReservedName): boolean {
  const found = card.find(name);
  if (found.kind === 'missing') return !card.dirty() && card.freeBytes() >= 2 * LENGTH_BYTES;
  if (found.kind !== 'file' || !card.chainPasses(name)) return false;
  return found.sizeBytes === LENGTH_BYTES || !card.dirty();
}

function put(card: Card, name: ReservedName, bytes: Uint8Array): boolean {
  const found = card.find(name);
  if (found.kind === 'file' && found.sizeBytes === bytes.length) return card.rewrite(name, bytes);
  return (found.kind === 'missing' || card.remove(name)) && card.create(name, bytes);
}

/** Removes the trigger, then the payload that belongs to it, each if its chain passes the checks (protocol §9.4). */
export function removeAnswered(board: Board, card: Card, withPayload: boolean): void {
  const names = withPayload ? [RESERVED.trigger, RESERVED.payload] : [RESERVED.trigger];
  for (const name of names) {
    if (card.find(name).kind !== 'file') continue;
    const isRemoved = card.remove(name);
    board.log(isRemoved ? `removes ${name}` : `leaves ${name}: its chain fails the checks`);
    if (!isRemoved) return;
  }
}

/** The four bytes of the SCSI INQUIRY product revision (protocol §9.7). */
export function inquiryRevision({ running }: Board): string {
  if (running.mode === 'bootloader') return 'B000';
  const { major, minor } = running.version;
  return `A${Math.min(major, 35).toString(36).toUpperCase()}${String(Math.min(minor, 99)).padStart(2, '0')}`;
}
