/**
 * The most bytes of each kind of metadata, far above what each needs: clients read no more, and publishers neither write
 * nor read more. 5 MB of releases are thousands.
 */
export const METADATA_MOST_BYTES = { root: 65_536, timestamp: 8_192, snapshot: 65_536, list: 5_000_000 } as const;
