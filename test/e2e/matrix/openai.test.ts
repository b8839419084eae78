// Official clients of OpenAI's APIs through the gateway against every kind of provider.
import { aiOpenai, aiOpenaiResponses } from './clients/ai-sdk.ts';
import { langchainOpenai } from './clients/langchain.ts';
import { openaiChat } from './clients/openai.ts';
import { openaiResponses } from './clients/openai-responses.ts';
import { runMatrix } from './run-matrix.ts';

await runMatrix([openaiChat, openaiResponses, langchainOpenai, aiOpenai, aiOpenaiResponses]);
