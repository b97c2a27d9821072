/** The codes of protocol §6.3 that go with each final state of §6.2. */
export type Answer =
  | { readonly state: 'applied'; readonly code: 'none'; readonly detail: string }
  | { readonly state: 'rejected'; readonly code: RejectionCode; readonly detail: string }
  | { readonly state: 'failed'; readonly code: FailureCode; readonly detail: string }
  | { readonly state: 'interrupted'; readonly code: 'interrupted'; readonly detail: string };

export type RejectionCode =
  | 'stale'
  | 'trigger'
  | 'length'
  | 'crc'
  | 'digest'
  | 'signature'
  | 'wrong-device'
  | 'wrong-hardware'
  | 'rollback'
  | 'low-battery'
  | 'no-space';

export type FailureCode = 'flash' | 'verify' | 'did-not-start' | 'internal';

export function rejected(code: RejectionCode, detail: string): Answer {
  return { state: 'rejected', code, detail };
}

export function failed(code: FailureCode, detail: string): Answer {
  return { state: 'failed', code, detail };
}
