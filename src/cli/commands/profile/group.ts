import type { CommandGroup } from '../command.ts';

export const profileGroup: CommandGroup = {
  name: 'profile',
  description: 'Describe a device of your own in a file, and try it',
  commands: {
    check: async () => (await import('./check.ts')).profileCheck,
    show: async () => (await import('./show.ts')).profileShow,
    try: async () => (await import('./try.ts')).profileTry,
    new: async () => (await import('./new.ts')).profileNew,
  },
};
