// The one chat completion that all benches send and get: about 540 bytes up, 300 bytes down.

export const CHAT_PATH = '/v1/chat/completions';

export const CHAT_REPLY = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello there, how can I help you today?' },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 },
});

/** The same answer as Anthropic gives it. */
export const MESSAGES_REPLY = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  content: [{ type: 'text', text: 'Hello there, how can I help you today?' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 19, output_tokens: 10 },
});

const SYSTEM =
  'You are a helpful assistant that answers briefly and to the point, without any extra words, in plain English.';
const QUESTION =
  'What is the capital of France, and what is it known for? Please answer in one or two sentences and mention at least one landmark that visitors enjoy, with a short reason why it is worth seeing in spring.';

const chat = {
  model: 'gpt-4o-mini',
  messages: [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: QUESTION },
  ],
  max_tokens: 100,
  temperature: 0.7,
};

export const CHAT_REQUEST = JSON.stringify(chat);

export const STREAM_REQUEST = JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } });

/** What the last chunk of every stream says was used. */
export const STREAM_USAGE = { prompt_tokens: 19, completion_tokens: 100, total_tokens: 119 };
