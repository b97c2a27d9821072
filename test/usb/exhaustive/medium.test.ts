import { failFrom } from '../mishap.ts';
import { atEachWrite } from './each-write.ts';

atEachWrite('a medium that fails from any write or flush on', {
  table: 'medium.md',
  column: 'writes and flushes fail from',
  count: 18,
  at: (number) => failFrom(number),
});
