// Official clients of Google's API through the gateway against every kind of provider.
import { aiGoogle } from './clients/ai-sdk.ts';
import { googleGenai } from './clients/google.ts';
import { runMatrix } from './run-matrix.ts';

await runMatrix([googleGenai, aiGoogle]);
