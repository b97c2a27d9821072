import type { CommandGroup } from '../command.ts';

export const agentGroup: CommandGroup = {
  name: 'agent',
  description: 'Keep devices up to date by themselves, by a login item',
  commands: {
    install: async () => (await import('./install.ts')).agentInstall,
    uninstall: async () => (await import('./uninstall.ts')).agentUninstall,
    status: async () => (await import('./status.ts')).agentStatus,
    run: async () => (await import('./run.ts')).agentRun,
    config: async () => (await import('./config.ts')).agentConfig,
    logs: async () => (await import('./logs.ts')).agentLogs,
    probe: async () => (await import('./probe.ts')).agentProbe,
  },
};
