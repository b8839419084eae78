// Settings that every provider of OpenAI's wires has, because servers behind the same name differ by version and deployment.
import { s } from '../schema/builder.ts';

export interface QuirkOptions {
  readonly stream_options?: boolean;
  readonly max_tokens_field?: 'max_tokens' | 'max_completion_tokens';
}

export const QUIRK_OPTIONS = {
  stream_options: s.optional(
    s.boolean(
      'Whether it takes `stream_options`, by which usage is asked for in streams; default as the provider is known. False for servers that refuse it: streams then report usage only where the server tells it unasked.',
    ),
  ),
  max_tokens_field: s.optional(
    s.choice(
      ['max_tokens', 'max_completion_tokens'],
      'How the longest answer is written in translated requests; default as the provider is known.',
    ),
  ),
};
