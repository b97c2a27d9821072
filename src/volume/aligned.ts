/** Part of the language's standard library that its type definitions leave to browsers. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const PAGE_BYTES = 64 * 1024;

/**
 * `count` buffers of `bytes` each (a multiple of 64 KiB), aligned to a page. O_DIRECT requires that and Buffer.alloc
 * does not give it; a WebAssembly memory always starts on a page.
 */
export function alignedBuffers(count: number, bytes: number): readonly Uint8Array[] {
  const memory = new WebAssembly.Memory({ initial: (count * bytes) / PAGE_BYTES });
  return Array.from({ length: count }, (_, index) => new Uint8Array(memory.buffer, index * bytes, bytes));
}
