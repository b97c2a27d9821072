/** What to request. Header values are sent exactly as an earlier answer gave them. */
export interface TransportRequest {
  readonly url: URL;
  /** Only ask whether it has changed since the answer with this ETag. */
  readonly etag?: string | null;
  /** Request the rest from this byte on, if the validator still matches. */
  readonly from?: { readonly offset: number; readonly validator: string };
  readonly signal?: AbortSignal | undefined;
}

export interface TransportReply {
  /** HTTP status; 304 and 206 only answer requests that allow them. */
  readonly status: number;
  readonly etag: string | null;
  /**
   * What `TransportRequest.from` needs to resume: a strong ETag, else the date of the last change; `null`: it cannot be
   * resumed.
   */
  readonly validator: string | null;
  /** For status 206: the position of the body's first byte, and the size of the whole file. */
  readonly range: { readonly offset: number; readonly totalBytes: number } | null;
  /** How long the body is said to be; `null`: not said. */
  readonly lengthBytes: number | null;
  /** Read it once, or stop it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the body; its reader gets an error. */
  stop(): void;
}

/** Gets files of a channel, from a server or a folder. */
export interface Transport {
  /** How many requests were made so far; redirects count. */
  readonly requests: () => number;
  /**
   * Rejects with `channel-unreachable`, or with `interrupted` if the signal aborts; an error status does not reject.
   */
  get(question: TransportRequest): Promise<TransportReply>;
  close(): Promise<void>;
}
