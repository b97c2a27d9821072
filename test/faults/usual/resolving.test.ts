import { atEachCall } from '../each-call.ts';

await atEachCall('resolving', 'sample');
