import type { Outcome } from '../engine/report.ts';
import type { Notification } from './notifier.ts';

/** A newer release for a device, as people read about it. */
export interface Offer {
  /** What people call such a device. */
  readonly product: string;
  readonly device: string;
  /** `null`: nothing runs. */
  readonly from: string | null;
  readonly to: string;
  readonly notes: string;
}

const change = ({ device, from, to }: Offer): string => `${device}: from ${from ?? 'unknown firmware'} to ${to}.`;

export function availableWords(offer: Offer): Notification {
  return {
    title: `New firmware for your ${offer.product}`,
    body: `${change(offer)} Run "spacepack agent run --once --now" to install it. ${offer.notes}`.trim(),
  };
}

export function questionWords(offer: Offer): Notification {
  return {
    title: `Update your ${offer.product} now?`,
    body: `${change(offer)} Leave it plugged in until it is back. ${offer.notes}`.trim(),
  };
}

export function outcomeWords(offer: Offer, { verdict, message, remedy }: Outcome): Notification {
  const { product } = offer;
  if (verdict === 'applied') return { title: `Your ${product} was updated`, body: change(offer) };
  // Somebody else has installed it meanwhile.
  if (verdict === 'unchanged') return { title: `Your ${product} is up to date`, body: change(offer) };
  const isKnown = verdict !== 'indeterminate';
  return {
    title: isKnown ? `Your ${product} was not updated` : `Whether your ${product} was updated is not known yet`,
    body: `${change(offer)} ${message} ${remedy}`.trim(),
  };
}

export function givenUpWords(offer: Offer): Notification {
  return {
    title: `Stopped trying to update your ${offer.product}`,
    body: `${change(offer)} It failed twice and is not tried again automatically. Run "spacepack history" to see why.`,
  };
}
