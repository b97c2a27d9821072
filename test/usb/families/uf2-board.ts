import { createUf2Board, type FakeUf2Board, type Uf2BoardOptions } from '../../fake-volume/families/uf2/board.ts';
import type { DiskFirmware, DiskGround } from '../disk.ts';
import { madeUp } from './sectors.ts';

export interface Uf2Firmware extends DiskFirmware {
  readonly board: FakeUf2Board;
}

/** A board in its UF2 bootloader. It leaves when it has all blocks, and is back in it when it is plugged in anew. */
export const uf2Firmware =
  (options: Uf2BoardOptions) =>
  (ground: DiskGround): Uf2Firmware => {
    const board = createUf2Board(options);
    let isHere = true;
    const leave = (): void => {
      isHere = false;
    };
    return {
      board,
      usb: {
        vendorId: 0x239a,
        productId: 0x0029,
        bcdDevice: 0x0100,
        manufacturer: 'Adafruit',
        product: 'UF2 board',
        serial: 'B1D2F3A4',
        speed: 'full',
      },
      vendor: undefined,
      inquiry: { vendor: 'Adafruit', product: 'UF2 board', revision: '1.0' },
      sectors: madeUp(board.sectors, board.read, (_, bytes) => {
        const { leavesInMs } = board.bootloader.take(bytes);
        if (leavesInMs === 0) leave();
        else if (leavesInMs !== null) ground.later(leavesInMs, leave);
      }),
      isOnBus: () => isHere,
      hasMedium: () => true,
      powerUp() {
        isHere = true;
        board.bootloader.restart();
      },
    };
  };
