import { atEachCall } from '../each-call.ts';

await atEachCall('resolving', 'all');
