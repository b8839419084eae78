// What AI traffic costs when its bytes pass through, and when client and provider speak different wires (OpenAI in, Anthropic out).
// `node bench/macro/translated.ts [pass-through|chat|streams|first-token] [CHECKOUT] [--seconds 3] [--rounds 5] [--save]`
// `pass-through` compares with the gateway of another checkout where one is named: what a change costs those who do not use it.
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { CHAT_PATH, MESSAGES_REPLY } from './lab/chat.ts';
import { aiConfig, plainConfig, translatedConfig } from './lab/configs.ts';
import { cpuMicroseconds, residentBytes } from './lab/proc.ts';
import { inTurn } from './lab/rounds.ts';
import { median, pairedRatio } from './lab/statistics.ts';
import {
  type FirstTokenResult,
  readFirstTokens,
  readStreams,
  type StreamClientsResult,
  startStreamUpstream,
} from './lab/streams.ts';
import { startGateway, startUpstream, type Target } from './lab/targets.ts';
import { chatScript, countErrors, LOAD_HEADER, type LoadResult, load, loadRow } from './lab/wrk.ts';

const PASSED_BAR = 0.95;
const TRANSLATED_BAR = 0.5;
const FIRST_TOKEN_BAR_MS = 1;
/** Nobody falls behind: an event is with its client before the next one is written. */
const STREAMS = 500;
const GAP_MS = 200;
const RAMP_MS = 1000;
const WARM_UP_SECONDS = 6;
const WARM_UP_STREAMS = 2000;
const PLACE = { workers: 1, cpu: '0' };
const LOAD_CPU = '1';

function named(name: string, target: Target): Target {
  return { ...target, name };
}

/** Rounds of chat completions through each. */
async function loadInTurn(targets: readonly Target[], { seconds, rounds, isQuick }: BenchOptions) {
  const script = chatScript();
  const at = (target: Target, forSeconds: number): Promise<LoadResult> =>
    load(target, { path: CHAT_PATH, script, seconds: forSeconds, cpu: LOAD_CPU });
  for (const target of targets) await at(target, isQuick ? seconds : WARM_UP_SECONDS);
  return inTurn(targets, rounds, (target) => at(target, seconds));
}

interface Compared {
  readonly word: string;
  readonly bar: number;
}

/** Of the first target against the second. */
function compareLoads(
  targets: readonly Target[],
  results: readonly (readonly LoadResult[])[],
  { word, bar }: Compared,
): Report {
  const [ours, theirs] = results;
  const ratio = pairedRatio(ours, theirs, (result) => result.requestsPerSecond);
  const cost = pairedRatio(ours, theirs, (result) => result.cpuMicrosecondsPerRequest);
  const errors = countErrors(results.flat());
  const against = targets[1].name;
  const rest = bar > 0 ? `≥ ${bar}, no errors` : 'no errors';
  return {
    verdicts: [
      {
        figure: `${word}: req/s ÷ ${against} ${ratio.toFixed(3)}, CPU per request ÷ ${against} ${cost.toFixed(2)}, errors ${errors}`,
        bar: rest,
        isMet: ratio >= bar && errors === 0,
      },
    ],
    lines: [...LOAD_HEADER, ...results.map((each, index) => loadRow(targets[index].name, each))],
  };
}

/** Usage, cost and metrics of AI requests whose bytes pass, against a plain route, or against another checkout's. */
async function passThrough(options: BenchOptions): Promise<Report> {
  const upstream = await startUpstream({ workers: 1, cpu: LOAD_CPU });
  const root = options.words[1];
  const passed = named('passed', await startGateway(aiConfig(upstream), PLACE));
  const plain = named('plain route', await startGateway(plainConfig(upstream), PLACE));
  const before = root === undefined ? [] : [named(root, await startGateway(aiConfig(upstream), { ...PLACE, root }))];
  const targets = [passed, ...before, plain];
  const results = await loadInTurn(targets, options);
  return compareLoads(targets, results, { word: 'pass-through', bar: root === undefined ? 0 : PASSED_BAR });
}

async function chat(options: BenchOptions): Promise<Report> {
  const passed = await startGateway(aiConfig(await startUpstream({ workers: 1, cpu: LOAD_CPU })), PLACE);
  const other = await startUpstream({ workers: 1, cpu: LOAD_CPU }, MESSAGES_REPLY);
  const translated = await startGateway(translatedConfig(other), PLACE);
  const targets = [named('translated', translated), named('passed', passed)];
  const results = await loadInTurn(targets, options);
  return compareLoads(targets, results, { word: 'translated chat', bar: TRANSLATED_BAR });
}

interface MeasuredStreams extends StreamClientsResult {
  readonly cpuMicrosecondsPerEvent: number;
  readonly residentBytes: number;
}

function streamsRow(name: string, results: readonly MeasuredStreams[]): string {
  const of = (pick: (result: MeasuredStreams) => number): string => median(results.map(pick)).toFixed(2);
  const cells = [
    of((result) => result.cpuMicrosecondsPerEvent),
    of((result) => result.p50Ms),
    of((result) => result.p99Ms),
    of((result) => result.maxMs),
    results.reduce((sum, { cut }) => sum + cut, 0),
    of((result) => result.residentBytes / 1e6),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

/** Lags are those of load, gateway and upstream together; whoever falls behind has more of it the longer a stream is. */
async function streams({ seconds, rounds, isQuick }: BenchOptions): Promise<Report> {
  const events = Math.max(50, Math.round((seconds * 1000) / GAP_MS));
  const upstream = { events, gapMs: GAP_MS, cpu: LOAD_CPU };
  const passed = await startGateway(aiConfig(await startStreamUpstream({ ...upstream, wire: 'openai' })), PLACE);
  const other = await startStreamUpstream({ ...upstream, wire: 'anthropic' });
  const translated = await startGateway(translatedConfig(other), PLACE);
  const at = async ({ pid, port }: Target): Promise<MeasuredStreams> => {
    const before = cpuMicroseconds(pid);
    const result = await readStreams({ port, streams: STREAMS, events, rampMs: RAMP_MS, repeatMs: 0, cpu: LOAD_CPU });
    const used = cpuMicroseconds(pid) - before;
    const cpuMicrosecondsPerEvent = used / Math.max(1, result.contentEvents);
    return { ...result, cpuMicrosecondsPerEvent, residentBytes: residentBytes(pid) };
  };
  if (!isQuick) await inTurn([passed, translated], 1, at);
  const [theirs, ours] = await inTurn([passed, translated], rounds, at);
  const lagMs = Math.max(...ours.map(({ maxMs }) => maxMs));
  const missing = ours.reduce((sum, { contentEvents }) => sum + STREAMS * events - contentEvents, 0);
  const cut = ours.reduce((sum, result) => sum + result.cut, 0);
  return {
    verdicts: [
      {
        figure: `translated streams: largest lag ${lagMs.toFixed(0)} ms, events missing ${missing}, cut ${cut}`,
        bar: `< ${GAP_MS} ms, none missing, none cut`,
        isMet: lagMs < GAP_MS && missing === 0 && cut === 0,
      },
    ],
    lines: [
      `${rounds} rounds; ${STREAMS} streams of ${events} events ${GAP_MS} ms apart; lag from an event's writing upstream to its reading.`,
      '',
      '| streams | CPU µs/event | p50 ms | p99 ms | largest ms | cut | RSS MB |',
      '|---|---|---|---|---|---|---|',
      streamsRow('translated', ours),
      streamsRow('passed', theirs),
      ...ours.flatMap(({ samples }) => samples).map((sample) => `\ncut stream: ${JSON.stringify(sample)}`),
    ],
  };
}

/** A client of its own, one stream after the other: what it waits for longer than it would without us. */
async function firstToken({ seconds, rounds, isQuick }: BenchOptions): Promise<Report> {
  const upstream = { events: 5, gapMs: 2, isPrompt: true, cpu: LOAD_CPU };
  const openai = await startStreamUpstream({ ...upstream, wire: 'openai' });
  const anthropic = await startStreamUpstream({ ...upstream, wire: 'anthropic' });
  const passed = await startGateway(aiConfig(openai), PLACE);
  const translated = await startGateway(translatedConfig(anthropic), PLACE);
  const ports = [openai, passed.port, anthropic, translated.port];
  const warmUpStreams = isQuick ? 100 : WARM_UP_STREAMS;
  const at = (port: number, warmUp: number): Promise<FirstTokenResult> =>
    readFirstTokens({ port, milliseconds: seconds * 1000, warmUpStreams: warmUp, cpu: LOAD_CPU });
  for (const port of ports) await at(port, warmUpStreams);
  const results = await inTurn(ports, rounds, (port) => at(port, 20));
  const p50 = results.map((each) => median(each.map(({ p50Ms }) => p50Ms)));
  const added = [p50[1] - p50[0], p50[3] - p50[2]];
  const names = ['direct, OpenAI', 'passed', 'direct, Anthropic', 'translated'];
  const p99 = results.map((each) => median(each.map(({ p99Ms }) => p99Ms)).toFixed(3));
  return {
    verdicts: [
      {
        figure: `first token: p50 added ${added[0].toFixed(3)} ms passed, ${added[1].toFixed(3)} ms translated`,
        bar: `< ${FIRST_TOKEN_BAR_MS} ms`,
        isMet: Math.max(...added) < FIRST_TOKEN_BAR_MS,
      },
    ],
    lines: [
      `Medians of ${rounds} rounds of ${seconds} s; one connection, one stream at a time.`,
      '',
      '| to | p50 ms | p99 ms |',
      '|---|---|---|',
      ...names.map((name, index) => `| ${name} | ${p50[index].toFixed(3)} | ${p99[index]} |`),
    ],
  };
}

const PARTS: Readonly<Record<string, (options: BenchOptions) => Promise<Report>>> = {
  'pass-through': passThrough,
  chat,
  streams,
  'first-token': firstToken,
};

async function measure(options: BenchOptions): Promise<Report> {
  const [word = 'chat'] = options.words;
  if (PARTS[word] === undefined) throw new Error(`no part ${word}; there are ${Object.keys(PARTS).join(', ')}`);
  return PARTS[word](options);
}

await runBench({ name: 'translated', defaults: { seconds: 3, rounds: 5 }, quick: { seconds: 1, rounds: 2 }, measure });
