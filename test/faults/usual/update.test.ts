import { atEachCall } from '../each-call.ts';

await atEachCall('update', 'sample');
