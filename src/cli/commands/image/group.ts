import type { CommandGroup } from '../command.ts';

export const imageGroup: CommandGroup = {
  name: 'image',
  description: 'Create and examine firmware images',
  commands: {
    create: async () => (await import('./create.ts')).imageCreate,
    inspect: async () => (await import('./inspect.ts')).imageInspect,
    keygen: async () => (await import('./keygen.ts')).imageKeygen,
  },
};
