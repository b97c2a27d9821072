import type { CommandGroup } from '../command.ts';

export const channelGroup: CommandGroup = {
  name: 'channel',
  description: 'Publish firmware images to keep devices up to date',
  commands: {
    init: async () => (await import('./init.ts')).channelInit,
    add: async () => (await import('./add.ts')).channelAdd,
    rollout: async () => (await import('./rollout.ts')).channelRollout,
    pause: async () => (await import('./pause.ts')).channelPause,
    withdraw: async () => (await import('./withdraw.ts')).channelWithdraw,
    refresh: async () => (await import('./refresh.ts')).channelRefresh,
    rotate: async () => (await import('./rotate.ts')).channelRotate,
    verify: async () => (await import('./verify.ts')).channelVerify,
  },
};
