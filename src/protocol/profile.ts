/** A device family as a value: the engine owns the order, the profile owns the facts. */
export interface DeviceProfile {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly usb: readonly { readonly vendorId: number; readonly productId: number }[];
  /** What the device says of itself in SCSI INQUIRY, without the blanks that pad it; case is not regarded. */
  readonly inquiry: { readonly vendor: string; readonly product: string };
  /** What INFO.TXT must say in `Model`. */
  readonly model: string;
  readonly folder: string;
  readonly files: {
    readonly info: string;
    readonly status: string;
    readonly payload: string;
    readonly trigger: string;
  };
  readonly write: {
    /** Bytes between two fsyncs of the payload: a long fsync lets the kernel write an entry of size 0 in between. */
    readonly syncBytes: number;
    /** Free space wanted beside the payload, for clusters of the entry, the trigger and the folder. */
    readonly spareBytes: number;
  };
  /** Waits without progress, in ms. */
  readonly patience: {
    /** For a refusal of the card to be believed: a drive that has just come shows no medium, or no partitions, at first. */
    readonly settleMs: number;
    /** For a drive that is there to become mounted by the system, before we mount it ourselves. */
    readonly mountMs: number;
    /** For a torn INFO.TXT or STATUS.TXT to heal. */
    readonly tornMs: number;
    /** For a write to become durable; a silent stick that the kernel resets needs 32 s. */
    readonly stallMs: number;
    /** Beyond the device's own quiet window, for it to leave. */
    readonly leaveMs: number;
    /** Beyond `Max-Away-ms`, for it to return and be mounted. */
    readonly returnMs: number;
    /** For a final answer after the return. */
    readonly answerMs: number;
  };
  /** Usual time off the bus in ms, for the progress display only. */
  readonly usualAwayMs: number;
  /** The maker's public keys, PEM (SubjectPublicKeyInfo, Ed25519); empty: the maker has published none. */
  readonly publicKeys: readonly string[];
}

/** What a record keeps of the family of its device. */
export interface KeptFamily {
  /** `DeviceProfile.id`. */
  readonly profile: string;
}

/** The family of a device, to be kept: it is held against a profile again, and never asked for its name. */
export function keptFamily({ id }: DeviceProfile): KeptFamily {
  return { profile: id };
}

export function isOfFamily({ id }: DeviceProfile, { profile }: KeptFamily): boolean {
  return profile === id;
}
