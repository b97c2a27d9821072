/** What the content of a file turned out to be. `why` says what was expected and what was found. */
export type Parsed<T> =
  | { readonly kind: 'intact'; readonly value: T }
  | { readonly kind: 'torn'; readonly why: string }
  | { readonly kind: 'malformed'; readonly why: string };

/** A file as it was found. `unreadable`: it exists, and reading it keeps failing. */
export type Found<T> = Parsed<T> | { readonly kind: 'absent' | 'unreadable'; readonly why: string };

/** The bytes of a file as it was found. */
export type FoundBytes = Exclude<Found<Uint8Array>, { readonly kind: 'torn' | 'malformed' }>;
