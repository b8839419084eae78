// Any server that speaks OpenAI's API: vLLM, Ollama, LM Studio, llama.cpp, another gateway. It is found by `base_url`.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';

export const openaiCompatible = defineOpenaiCompatible({
  name: 'openai-compatible',
  summary:
    'Any server that speaks the API of OpenAI, at the base_url given. It needs no key unless the server asks for one.',
  schema: s.object({
    stream_options: s.withDefault(
      s.boolean(
        'Whether the server takes `stream_options`. False for servers that refuse it: streams then report no usage.',
      ),
      true,
    ),
  }),
  examples: [
    { title: 'A server that takes all of the API', config: { stream_options: true } },
    { title: 'A server that refuses `stream_options`', config: { stream_options: false } },
  ],
  acceptsStreamOptions: (config) => config.stream_options,
});
