/** What to ask for. Header values are passed on as they were given by an earlier answer. */
export interface TransportRequest {
  readonly url: URL;
  /** Ask only whether it changed since the answer with this ETag. */
  readonly etag?: string | null;
  /** Ask for the rest from this byte on, provided that it is still what the validator says. */
  readonly from?: { readonly offset: number; readonly validator: string };
  readonly signal?: AbortSignal | undefined;
}

export interface TransportReply {
  /** As HTTP numbers them; 304 and 206 only come to questions that allow them. */
  readonly status: number;
  readonly etag: string | null;
  /** What `TransportRequest.from` needs to go on: a strong ETag, else the date of the last change; `null`: it cannot be gone on with. */
  readonly validator: string | null;
  /** Of status 206: the first byte of the body, and the size of the whole file. */
  readonly range: { readonly offset: number; readonly totalBytes: number } | null;
  /** To be read once, or stopped. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the body; whoever reads it gets an error. */
  stop(): void;
}

/** Gets files of a channel, be it on a server or in a folder. */
export interface Transport {
  /** How many requests were made until now; redirects count. */
  readonly requests: () => number;
  /** Rejects with `channel-unreachable`, or `interrupted` if the signal says so; a status that is no success does not reject. */
  get(question: TransportRequest): Promise<TransportReply>;
  close(): Promise<void>;
}
