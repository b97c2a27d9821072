import { atEachCall } from '../each-call.ts';

await atEachCall('agent', 'sample');
