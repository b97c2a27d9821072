import { failAt } from '../mishap.ts';
import { atEachWrite } from './each-write.ts';

// Linux tells of it once: the next fsync of the same file reports success.
atEachWrite('a medium that fails at one write or flush', {
  table: 'once.md',
  column: 'the one that fails',
  count: 18,
  at: failAt,
});
