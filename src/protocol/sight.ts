/** Drives, their volumes and mounts, as the system lists them. Values only; `src/volume` makes them. */

/** What a USB drive says about itself before any file is opened. `null`: the system does not say. */
export interface UsbIdentity {
  readonly vendorId: number;
  readonly productId: number;
  /** Binary-coded device release, e.g. 0x0100: the hardware revision (protocol §4.1). */
  readonly bcdDevice: number | null;
  readonly serial: string | null;
  /** Where it is plugged in: `1-2.3` on Linux, the location id on macOS, `Port_#0002.Hub_#0001` on Windows. */
  readonly port: string | null;
  /** The four bytes of the SCSI INQUIRY product revision (protocol §9.7). */
  readonly revision: string | null;
}

export interface Mount {
  readonly path: string;
  /** Changes each time the volume is mounted. Opaque. */
  readonly id: string;
  readonly readOnly: boolean;
}

export interface Volume {
  /** The system's name of the partition: `/dev/sdb1`, `disk4s1`, `E:`. */
  readonly id: string;
  readonly label: string;
  /** Lower case: `fat32`, `fat16`, `fat12`, `fat` (width not known), `exfat`, `ntfs`, …; `null`: none recognised. */
  readonly fileSystem: string | null;
  readonly sizeBytes: number;
  readonly mount: Mount | null;
  /** The type of the MBR partition, e.g. 0x0c; missing where the system does not say. */
  readonly partitionType?: number;
}

export interface Drive {
  /** The system's name of the drive: `/dev/sdb`, `disk4`, `\\.\PHYSICALDRIVE1`. */
  readonly id: string;
  /** Changes each time the drive is attached, even under the same name. Opaque. */
  readonly attachment: string;
  /** `null` only where the lister cannot know: volumes that are plain folders. */
  readonly usb: UsbIdentity | null;
  /**
   * Vendor and product as the device itself gives them (SCSI INQUIRY), without padding; empty: it gave only blanks;
   * `null`: the system does not say. A system may have changed their case.
   */
  readonly vendor: string | null;
  readonly product: string | null;
  /** The name that the system shows, with whatever it adds. For people only: conclude nothing from it. */
  readonly mediaName: string;
  /** 0: no medium. */
  readonly sizeBytes: number;
  readonly writeProtected: boolean;
  readonly scheme: 'mbr' | 'gpt' | 'none' | 'unknown';
  /** In the order of the partition table. */
  readonly volumes: readonly Volume[];
}

/** A volume that can be read and written, together with what must still be true when that happens. */
export interface MountedVolume {
  readonly drive: Drive;
  readonly volume: Volume;
  readonly mount: Mount;
}
