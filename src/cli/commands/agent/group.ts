import type { CommandGroup } from '../command.ts';

/** The commands of the login item. docs/agent.md says where it is called "login item", and where `agent`. */
export const agentGroup: CommandGroup = {
  name: 'agent',
  description: 'Keep devices up to date automatically, with a login item',
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
