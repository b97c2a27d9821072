import { atEachCall } from '../each-call.ts';

await atEachCall('ping', 'all');
