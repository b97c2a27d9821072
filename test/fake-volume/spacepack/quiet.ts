/** What the quiet window depends on; times in ms. */
export interface QuietSigns {
  readonly lastWriteMs: number | null;
  /** In this session. */
  readonly dirtyMarkWasSet: boolean;
  readonly dirtyMarkIsSet: boolean;
  readonly ejected: boolean;
  readonly quietMs: number;
  readonly quietDirtyMs: number;
}

/** When the device may act (protocol §7.3 a to c); `null`: not before something more happens. */
export function quietAtMs(signs: QuietSigns): number | null {
  if (signs.ejected) return 0;
  if (signs.lastWriteMs === null) return null;
  const wasUnmounted = signs.dirtyMarkWasSet && !signs.dirtyMarkIsSet;
  return signs.lastWriteMs + (wasUnmounted ? signs.quietMs : signs.quietDirtyMs);
}
