import { testCrashesOf } from './crashing/claims.ts';

testCrashesOf('worker');
