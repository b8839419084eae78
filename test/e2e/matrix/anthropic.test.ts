// Official clients of Anthropic's API through the gateway against every kind of provider.
import { aiAnthropic } from './clients/ai-sdk.ts';
import { anthropicMessages } from './clients/anthropic.ts';
import { runMatrix } from './run-matrix.ts';

await runMatrix([anthropicMessages, aiAnthropic]);
