/** The name of a failed system call's error, `EIO` for instance; `null` for any other thrown value. */
export function errnoOf(thrown: unknown): string | null {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return typeof code === 'string' && /^(E[A-Z0-9]+|UNKNOWN)$/.test(code) ? code : null;
}
