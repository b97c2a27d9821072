/** One thing that stands well or badly with the login item. */
export interface Diagnosis {
  /** One word, stable: programs look for it. */
  readonly topic: string;
  /** `note`: worth knowing; `broken`: devices are not kept up to date because of it. */
  readonly state: 'good' | 'note' | 'broken';
  readonly message: string;
  /** What to do; empty where there is nothing to do. */
  readonly remedy: string;
}

/** The remedy for whatever is wrong with the files of a login item. */
export const INSTALL_AGAIN = 'Run `spacepack agent install` again.';

/** All that concerns the login item stands under one topic. */
export function diagnosis(state: Diagnosis['state'], message: string, remedy: string = ''): Diagnosis {
  return { topic: 'login-item', state, message, remedy };
}
