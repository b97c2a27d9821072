import { pullAt } from '../mishap.ts';
import { atEachWrite } from './each-write.ts';

atEachWrite('the cable, pulled at every write and flush of an update and plugged in again', {
  table: 'cable.md',
  column: 'cable pulled at',
  count: 20,
  at: (number) => pullAt(number, number % 2 === 1),
});
