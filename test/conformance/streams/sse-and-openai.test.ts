// Quirks of server-sent events and of OpenAI's chat streams: what passes, what is hidden, and the same told to Anthropic's clients.
import assert from 'node:assert/strict';
import { createOpenaiChatTarget } from '../../../src/llm/codecs/openai-chat/openai-chat.ts';
import { anthropic } from '../../../src/llm/formats/anthropic.ts';
import { readAnthropic, readOpenai, type Understood } from './read-stream.ts';
import { type Quirk, relayed, type Told, testQuirks, translated } from './run-stream.ts';

const passed = relayed('openai', 'chat');
const hiding = relayed('openai', 'chat', true);
const toAnthropic = translated(createOpenaiChatTarget(), 'sse', anthropic);

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) =>
  event({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  });
const ROLE = chunk({ role: 'assistant', content: '', refusal: null });
const HELLO = chunk({ content: 'héllo 😀' });
const STOP = chunk({}, 'stop');
const USAGE = event({ id: 'c', choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } });
const DONE = 'data: [DONE]\n\n';
const GOOD = ROLE + HELLO + STOP + DONE;

const asItCame = (bytes: string) => (told: Told) => {
  assert.equal(told.text, bytes);
  assert.equal(told.end, 'complete');
};

interface Wanted extends Partial<Understood> {
  readonly end?: string;
  readonly tokens?: readonly [input: number, output: number];
}

const understood = (read: (text: string) => Understood, { end = 'complete', tokens, ...wanted }: Wanted) => {
  return (told: Told) => {
    const got = read(told.text);
    assert.deepEqual({ ...got, ...wanted }, got);
    assert.equal(told.end, end);
    if (tokens !== undefined) assert.deepEqual([told.inputTokens, told.outputTokens], tokens);
  };
};

const openai = (wanted: Wanted) => understood(readOpenai, wanted);
const claude = (wanted: Wanted) => understood(readAnthropic, wanted);
const WHOLE = { text: 'héllo 😀', error: undefined, isEnded: true };

/** The same bytes passed on to OpenAI's client and told to Anthropic's. */
function both(name: string, bytes: string, wanted: Wanted, finish: string | undefined): readonly Quirk[] {
  return [
    { name: `${name}: passed`, bytes, way: passed, expect: openai(wanted) },
    { name: `${name}: told to Anthropic's client`, bytes, way: toAnthropic, expect: claude({ ...wanted, finish }) },
  ];
}

const TWO_ANSWERS =
  [1, 0].map((index) => event({ choices: [{ index, delta: { content: 'a' }, logprobs: { content: [] } }] })).join('') +
  [0, 1].map((index) => event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] })).join('') +
  DONE;
const ODD_NUMBERS = `data: {"id":12345678901234567890123,"x":1.10e+02,"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n${STOP}${DONE}`;
const BIG = 'x'.repeat(150_000);

testQuirks([
  { name: 'a plain stream passes byte for byte', bytes: GOOD, way: passed, expect: asItCame(GOOD) },
  ...both(
    'comments between events',
    `: OPENROUTER PROCESSING\n\n${ROLE}: ping\n\n${HELLO}${STOP}${DONE}`,
    WHOLE,
    'end_turn',
  ),
  ...both('lines that end in CRLF', GOOD.replaceAll('\n', '\r\n'), WHOLE, 'end_turn'),
  ...both('no space behind data:', GOOD.replaceAll('data: ', 'data:'), WHOLE, 'end_turn'),
  ...both(
    'event, id and retry lines',
    GOOD.replaceAll('data: ', 'event: message\nid: 5\nretry: 10\ndata: '),
    WHOLE,
    'end_turn',
  ),
  {
    name: 'a byte order mark: told',
    bytes: `\ufeff${GOOD}`,
    way: toAnthropic,
    expect: claude({ ...WHOLE, finish: 'end_turn' }),
  },
  { name: 'a byte order mark: passed', bytes: `\ufeff${GOOD}`, way: passed, expect: asItCame(`\ufeff${GOOD}`) },
  ...both(
    'data in several lines',
    ROLE + HELLO.replace('{', '{\ndata: ').replace(',"model"', ',\ndata: "model"') + STOP + DONE,
    WHOLE,
    'end_turn',
  ),
  ...both('an event of 150 KB', ROLE + chunk({ content: BIG }) + STOP + DONE, { ...WHOLE, text: BIG }, 'end_turn'),
  ...both('no blank line at the end', GOOD.slice(0, -2), WHOLE, 'end_turn'),
  ...both('[DONE] missing behind a finish', ROLE + HELLO + STOP, { text: WHOLE.text, error: undefined }, 'end_turn'),
  {
    name: '[DONE] twice: told once',
    bytes: GOOD + DONE,
    way: toAnthropic,
    expect: claude({ ...WHOLE, finish: 'end_turn' }),
  },
  {
    name: 'junk behind [DONE]: told as if it were not there',
    bytes: `${GOOD}junk`,
    way: toAnthropic,
    expect: claude(WHOLE),
  },
  {
    name: 'cut behind text: no clean end but a failure',
    bytes: ROLE + HELLO,
    way: passed,
    expect: openai({
      text: WHOLE.text,
      isEnded: false,
      error: 'the answer ended before it was complete',
      end: 'upstream-cut',
    }),
  },
  {
    name: 'cut behind text: a failure for the other client too',
    bytes: ROLE + HELLO,
    way: toAnthropic,
    expect: claude({
      text: WHOLE.text,
      isEnded: false,
      error: 'the answer ended before it was complete',
      end: 'upstream-cut',
    }),
  },
  {
    name: 'cut inside an event: the piece is not passed on',
    bytes: ROLE + HELLO + STOP.slice(0, 20),
    way: passed,
    expect: openai({ text: WHOLE.text, isEnded: false, end: 'upstream-cut' }),
  },
  {
    name: 'nothing at all is a cut',
    bytes: '',
    way: toAnthropic,
    expect: claude({ isEnded: false, end: 'upstream-cut' }),
  },
  ...['passed', 'told'].map((way): Quirk => {
    const bytes = '{"error":{"message":"quota","type":"insufficient_quota"}}';
    const isPassed = way === 'passed';
    const expect = (told: Told) => {
      assert.equal(told.end, 'in-band-error');
      if (!isPassed) assert.match(readAnthropic(told.text).error ?? '', /quota/);
    };
    return {
      name: `JSON of an error under the type of a stream: ${way}`,
      bytes,
      way: isPassed ? passed : toAnthropic,
      expect,
    };
  }),
  {
    name: 'an error in mid-stream: passed, and known',
    bytes: ROLE + HELLO + event({ error: { message: 'overloaded', type: 'server_error' } }),
    way: passed,
    expect: openai({ text: WHOLE.text, error: 'overloaded', isEnded: false, end: 'in-band-error' }),
  },
  {
    name: 'an error in mid-stream: told, and nothing behind it',
    bytes: ROLE + HELLO + event({ error: { message: 'overloaded', type: 'server_error' } }) + HELLO + DONE,
    way: toAnthropic,
    expect: (told) => {
      assert.match(readAnthropic(told.text).error ?? '', /overloaded/);
      assert.equal(readAnthropic(told.text).text, WHOLE.text);
      assert.equal(told.end, 'in-band-error');
    },
  },
  {
    name: 'data that is no JSON: a failure, not a gap',
    bytes: `${ROLE}${HELLO}data: {"choices":[\n\n${STOP}${DONE}`,
    way: toAnthropic,
    expect: (told) => {
      assert.notEqual(readAnthropic(told.text).error, undefined);
      assert.equal(told.end, 'in-band-error');
    },
  },
  ...both(
    "Azure's first chunk without choices",
    event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }) + GOOD,
    WHOLE,
    'end_turn',
  ),
  ...both('usage in a chunk of its own', ROLE + HELLO + STOP + USAGE + DONE, { ...WHOLE, tokens: [7, 5] }, 'end_turn'),
  ...both(
    'usage on the last choice',
    ROLE + HELLO + chunk({}, 'stop', { usage: { prompt_tokens: 7, completion_tokens: 5 } }) + DONE,
    { ...WHOLE, tokens: [7, 5] },
    'end_turn',
  ),
  ...both(
    'usage on every chunk: the last counts',
    ROLE +
      chunk({ content: WHOLE.text }, null, { usage: { prompt_tokens: 7, completion_tokens: 1 } }) +
      chunk({}, 'stop', { usage: { prompt_tokens: 7, completion_tokens: 5 } }) +
      DONE,
    { ...WHOLE, tokens: [7, 5] },
    'end_turn',
  ),
  {
    name: 'usage that only the gateway asked for is hidden, and counted',
    bytes: ROLE + HELLO + STOP + USAGE + DONE,
    way: hiding,
    expect: (told) => {
      assert.equal(told.text, GOOD);
      assert.deepEqual([told.inputTokens, told.outputTokens], [7, 5]);
    },
  },
  ...both(
    'two calls, their arguments in turns, ids only once',
    ROLE +
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }) +
      chunk({ tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{"y"' } }] }) +
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] }) +
      chunk({ tool_calls: [{ index: 1, function: { arguments: ':2}' } }] }) +
      chunk({}, 'tool_calls') +
      DONE,
    {
      calls: [
        { name: 'f', arguments: '{"x":1}' },
        { name: 'g', arguments: '{"y":2}' },
      ],
      isEnded: true,
    },
    'tool_use',
  ),
  {
    name: 'calls without an index, as some servers write them',
    bytes:
      ROLE +
      chunk({ tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }] }) +
      chunk({}, 'tool_calls') +
      DONE,
    way: toAnthropic,
    expect: claude({ calls: [{ name: 'f', arguments: '{"x":1}' }], finish: 'tool_use', isEnded: true }),
  },
  ...['reasoning_content', 'reasoning'].flatMap((name) =>
    both(
      `thoughts as ${name}`,
      ROLE + chunk({ [name]: 'hmm' }) + HELLO + STOP + DONE,
      { ...WHOLE, reasoning: 'hmm' },
      'end_turn',
    ),
  ),
  ...both('a filtered answer', ROLE + HELLO + chunk({}, 'content_filter') + DONE, WHOLE, 'refusal'),
  ...both('an answer that is too long', ROLE + HELLO + chunk({}, 'length') + DONE, WHOLE, 'max_tokens'),
  {
    name: 'several answers and log probabilities pass as they came',
    bytes: TWO_ANSWERS,
    way: passed,
    expect: asItCame(TWO_ANSWERS),
  },
  {
    name: 'long numbers and odd floats are not written anew',
    bytes: ODD_NUMBERS,
    way: passed,
    expect: asItCame(ODD_NUMBERS),
  },
]);
