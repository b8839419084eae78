// 50 edits of the configuration file while 100,000 requests run and 200 streams are open: none may fail, none may be cut.
// `node bench/macro/reload.ts [--seconds 25] [--save]` (seconds = length of the whole; the rate follows from it)
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readGeneration } from './lab/admin.ts';
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { loadConstantly } from './lab/open-loop.ts';
import { median } from './lab/statistics.ts';
import { readStreams, startStreamUpstream } from './lab/streams.ts';
import { type Gateway, startGateway, startUpstream } from './lab/targets.ts';

const REQUESTS = 100_000;
const STREAMS = 200;
const RELOADS = 50;
const GAP_MS = 100;
const RAMP_MS = 500;
/** An edit not in force by then is a failure of its own. */
const PATIENCE_MS = 10_000;

interface Ports {
  readonly upstream: number;
  readonly streams: number;
}

/** Every edit renames all routes, changes keys and time limits, adds a backend and drops the last one added. */
function config({ upstream, streams }: Ports, edit: number): string {
  return `backends:
  chat: {provider: openai, base_url: "http://127.0.0.1:${upstream}/v1", api_key: sk-${edit}}
  streams: {provider: openai, base_url: "http://127.0.0.1:${streams}/v1", api_key: sk-${edit}}
  spare-${edit}: {endpoints: ["http://127.0.0.1:${upstream}"]}
routes:
  - {name: streams-${edit}, match: {path: /v1/*, headers: {x-bench: streams}}, backend: streams, timeout: ${120 + edit}s}
  - {name: chat-${edit}, match: {path: /v1/*}, backend: chat, timeout: ${60 + edit}s}
  - {name: spare-${edit}, match: {path: /spare/${edit}/*}, backend: spare-${edit}}
`;
}

/** Replaced by rename, as editors do. Returns the milliseconds until the new generation was in force. */
async function editFile(gateway: Gateway, text: string): Promise<number> {
  const before = await readGeneration(gateway);
  const startMs = performance.now();
  writeFileSync(`${gateway.file}.new`, text);
  renameSync(`${gateway.file}.new`, gateway.file);
  while ((await readGeneration(gateway)) === before) {
    if (performance.now() - startMs > PATIENCE_MS) throw new Error('an edit did not come into force');
    await delay(10);
  }
  return performance.now() - startMs;
}

async function editEvenly(gateway: Gateway, ports: Ports, spanMs: number): Promise<readonly number[]> {
  const startMs = performance.now();
  const latenciesMs: number[] = [];
  for (let edit = 1; edit <= RELOADS; edit++) {
    await delay(Math.max(0, startMs + ((edit - 0.5) / RELOADS) * spanMs - performance.now()));
    latenciesMs.push(await editFile(gateway, config(ports, edit)));
  }
  return latenciesMs;
}

async function measure({ seconds }: BenchOptions): Promise<Report> {
  const spanMs = seconds * 1000;
  // Streams open before the first edit and end after the last one.
  const events = Math.ceil((spanMs + 3000) / GAP_MS);
  const ports: Ports = {
    upstream: await startUpstream({ workers: 1 }),
    streams: await startStreamUpstream({ events, gapMs: GAP_MS, wire: 'openai' }),
  };
  const gateway = await startGateway(config(ports, 0), { workers: 2, watch: true });
  const { port } = gateway;
  const opened = readStreams({ port, streams: STREAMS, events, rampMs: RAMP_MS, repeatMs: 0 });
  await delay(RAMP_MS + 500);
  const load = { port, requests: REQUESTS, requestsPerSecond: REQUESTS / seconds };
  const [answers, latenciesMs] = await Promise.all([loadConstantly(load), editEvenly(gateway, ports, spanMs)]);
  const streams = await opened;
  return {
    verdicts: [
      {
        figure: `reload: ${answers.failed} of ${REQUESTS} requests failed, ${streams.cut} of ${STREAMS} streams cut, ${latenciesMs.length} reloads`,
        bar: '0 failed, 0 cut',
        isMet: answers.failed === 0 && streams.cut === 0 && answers.answered === REQUESTS,
      },
    ],
    lines: [
      `Edits by rename over ${seconds} s, 2 workers, ${events} events per stream; every edit changes routes, keys, time limits and backends.`,
      '',
      '| what | figure |',
      '|---|---|',
      `| requests by status | ${JSON.stringify(answers.statuses)} |`,
      `| request p50 / p99 / max ms | ${[answers.p50Ms, answers.p99Ms, answers.maxMs].map((ms) => ms.toFixed(2)).join(' / ')} |`,
      `| streams whole | ${streams.complete} |`,
      `| event delay p50 / p99 ms | ${[streams.p50Ms, streams.p99Ms].map((ms) => ms.toFixed(2)).join(' / ')} |`,
      `| from edit to in force, median / max ms | ${median(latenciesMs).toFixed(0)} / ${Math.max(...latenciesMs).toFixed(0)} |`,
      ...streams.samples.map((sample) => `\ncut stream: ${JSON.stringify(sample)}`),
    ],
  };
}

await runBench({ name: 'reload', defaults: { seconds: 25, rounds: 1 }, quick: { seconds: 15, rounds: 1 }, measure });
