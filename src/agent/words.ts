import type { Outcome } from '../engine/report.ts';
import type { Notification } from './notifier.ts';

/** A newer release for a device, as people read about it. */
export interface Offer {
  readonly device: string;
  /** `null`: nothing runs. */
  readonly from: string | null;
  readonly to: string;
  readonly notes: string;
}

const change = ({ device, from, to }: Offer): string => `${device}: from ${from ?? 'no firmware'} to ${to}.`;

export function availableWords(offer: Offer): Notification {
  return {
    title: 'New firmware for your SpacePack',
    body: `${change(offer)} Run "spacepack agent run --once --now" to install it. ${offer.notes}`.trim(),
  };
}

export function questionWords(offer: Offer): Notification {
  return {
    title: 'Update your SpacePack now?',
    body: `${change(offer)} Leave it plugged in until it is back. ${offer.notes}`.trim(),
  };
}

export function outcomeWords(offer: Offer, { verdict, message, remedy }: Outcome): Notification {
  if (verdict === 'applied' || verdict === 'unchanged') {
    return { title: 'Your SpacePack was updated', body: change(offer) };
  }
  const isKnown = verdict !== 'indeterminate';
  return {
    title: isKnown ? 'Your SpacePack was not updated' : 'Whether your SpacePack was updated is not known yet',
    body: `${change(offer)} ${message} ${remedy}`.trim(),
  };
}

export function givenUpWords(offer: Offer): Notification {
  return {
    title: 'Stopped trying to update your SpacePack',
    body: `${change(offer)} It failed twice and is not tried again automatically. Run "spacepack history" to see why.`,
  };
}
