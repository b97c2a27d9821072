const KIB = 1024;
const STEPS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 B`, `1.4 MiB`: at most three digits before the unit, except for bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`;
  let value = bytes / KIB;
  let step = 0;
  while (value >= 999.5 && step < STEPS.length - 1) {
    value /= KIB;
    step += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${STEPS[step]}`;
}

/** `0:07`, `12:03`, `1:00:00`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
