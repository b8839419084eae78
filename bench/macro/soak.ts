// Minutes at 70 % of what the gateway can do, with streams opening and ending beside it: the slope of its memory must be 0
// within its error, and nothing may fail. `node bench/macro/soak.ts [minutes] [--save]`
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { CHAT_PATH } from './lab/chat.ts';
import { loadConstantly } from './lab/open-loop.ts';
import { residentBytes } from './lab/proc.ts';
import { type Slope, slopeOf } from './lab/statistics.ts';
import { readStreams, startStreamUpstream } from './lab/streams.ts';
import { type Gateway, startGateway, startUpstream } from './lab/targets.ts';
import { chatScript, load } from './lab/wrk.ts';

const SHARE = 0.7;
const PROBE_SECONDS = 5;
const STREAMS = 50;
const STREAM_EVENTS = 50;
const STREAM_GAP_MS = 40;
const SAMPLE_MS = 500;
/** Compiled code, pools and buffers find their size in the first part of a run. */
const SETTLING_SHARE = 0.25;
const MEGABYTE = 1_000_000;

type Sample = { readonly second: number; readonly value: number };

function config(upstream: number, streams: number): string {
  return `backends:
  chat: {provider: openai, base_url: "http://127.0.0.1:${upstream}/v1", api_key: sk-bench}
  streams: {provider: openai, base_url: "http://127.0.0.1:${streams}/v1", api_key: sk-bench}
routes:
  - {name: streams, match: {path: /v1/*, headers: {x-bench: streams}}, backend: streams}
  - {name: chat, match: {path: /v1/*}, backend: chat}
`;
}

async function sampleMemory(gateway: Gateway, seconds: number): Promise<readonly Sample[]> {
  const startMs = performance.now();
  const samples: Sample[] = [];
  for (;;) {
    const second = (performance.now() - startMs) / 1000;
    if (second > seconds) return samples;
    samples.push({ second, value: residentBytes(gateway.pid) / MEGABYTE });
    await delay(SAMPLE_MS);
  }
}

/** Memory by tenths of the run, so that its shape can be seen. */
function tenths(samples: readonly Sample[]): readonly string[] {
  const size = Math.max(1, Math.floor(samples.length / 10));
  return samples.filter((_, index) => index % size === 0).map((sample) => sample.value.toFixed(1));
}

const perHour = (slope: number): string => (slope * 3600).toFixed(1);

interface Outcome {
  readonly slope: Slope;
  readonly failed: number;
  readonly cut: number;
}

/** Falling memory is no leak: only a rise beyond two standard errors is one. */
function isSteady({ slope, failed, cut }: Outcome): boolean {
  return slope.perSecond <= 2 * slope.error && failed === 0 && cut === 0;
}

async function measure({ words, isQuick }: BenchOptions): Promise<Report> {
  const minutes = Number(words[0] ?? (isQuick ? 0.5 : 10));
  const seconds = minutes * 60;
  const upstream = await startUpstream({ workers: 1, cpu: '1' });
  const streamUpstream = await startStreamUpstream({
    events: STREAM_EVENTS,
    gapMs: STREAM_GAP_MS,
    wire: 'openai',
    cpu: '1',
  });
  const gateway = await startGateway(config(upstream, streamUpstream), { workers: 1, cpu: '0' });
  const { port } = gateway;
  const probe = await load(gateway, { path: CHAT_PATH, script: chatScript(), seconds: PROBE_SECONDS, cpu: '1' });
  const rate = Math.floor(probe.requestsPerSecond * SHARE);
  const clients = { streams: STREAMS, events: STREAM_EVENTS, rampMs: 2000, repeatMs: seconds * 1000 };
  const [answers, streams, samples] = await Promise.all([
    loadConstantly({ port, requestsPerSecond: rate, requests: Math.floor(rate * seconds), cpu: '1' }),
    readStreams({ port, ...clients, cpu: '1' }),
    sampleMemory(gateway, seconds),
  ]);
  const settled = samples.filter((sample) => sample.second > seconds * SETTLING_SHARE);
  const slope = slopeOf(settled);
  const outcome: Outcome = { slope, failed: answers.failed, cut: streams.cut };
  return {
    verdicts: [
      {
        figure: `soak of ${minutes} min: RSS slope ${perHour(slope.perSecond)} ± ${perHour(slope.error)} MB/h, failed ${outcome.failed}, cut ${outcome.cut}`,
        bar: 'slope ≤ 2 errors above 0, none failed or cut',
        isMet: isSteady(outcome),
      },
    ],
    lines: [
      `One worker on CPU 0 at ${rate} POST/s (70 % of ${probe.requestsPerSecond.toFixed(0)}), ${STREAMS} streams at a time, each of ${STREAM_EVENTS} events; slope by least squares over the last 75 % of the run.`,
      '',
      '| what | figure |',
      '|---|---|',
      `| answers | ${answers.answered} at ${answers.answeredPerSecond.toFixed(0)}/s, p50 ${answers.p50Ms.toFixed(2)} ms, p99 ${answers.p99Ms.toFixed(2)} ms |`,
      `| streams whole | ${streams.complete} |`,
      `| RSS MB by tenths | ${tenths(samples).join(' ')} |`,
      ...streams.samples.map((sample) => `\ncut stream: ${JSON.stringify(sample)}`),
    ],
  };
}

await runBench({ name: 'soak', defaults: { seconds: 1, rounds: 1 }, quick: { seconds: 1, rounds: 1 }, measure });
