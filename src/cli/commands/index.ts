import type { CommandIndex } from './command.ts';

/** All commands, in the order in which help lists them. */
export const COMMANDS: CommandIndex = {
  list: async () => (await import('./device/list.ts')).list,
  info: async () => (await import('./device/info.ts')).info,
  update: async () => (await import('./device/update.ts')).updateCommand,
  ping: async () => (await import('./device/ping.ts')).pingCommand,
  action: async () => (await import('./device/action.ts')).action,
  verify: async () => (await import('./image/verify.ts')).verify,
  image: async () => (await import('./image/group.ts')).imageGroup,
  profile: async () => (await import('./profile/group.ts')).profileGroup,
  channel: async () => (await import('./channel/group.ts')).channelGroup,
  agent: async () => (await import('./agent/group.ts')).agentGroup,
  history: async () => (await import('./history.ts')).history,
  simulate: async () => (await import('./simulate/simulate.ts')).simulate,
  doctor: async () => (await import('./doctor/doctor.ts')).doctor,
};
