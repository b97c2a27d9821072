import { atEachCall } from '../each-call.ts';

await atEachCall('away', 'sample');
