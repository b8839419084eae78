// Closed-loop load by wrk: as many requests as 64 connections can have answered. Measures throughput and CPU per request;
// its latencies are those of a saturated proxy (constant-rate.ts measures the others).
import { CHAT_REQUEST } from './chat.ts';
import { cpuMicroseconds } from './proc.ts';
import { run, tempFile } from './processes.ts';
import { median } from './statistics.ts';
import type { Target } from './targets.ts';

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosecondsPerRequest: number;
}

export interface LoadOptions {
  readonly path: string;
  readonly script: string;
  readonly seconds: number;
  readonly connections?: number;
  readonly cpu?: string | undefined;
}

const REPORT = `
done = function(s, l, r)
  local e = s.errors
  io.write(string.format('REPORT {"requests":%d,"duration":%d,"errors":%d,"p50":%d,"p95":%d,"p99":%d}\\n', s.requests, s.duration,
    e.connect + e.read + e.write + e.status + e.timeout, l:percentile(50), l:percentile(95), l:percentile(99)))
end\n`;

/** A chat completion by POST. */
export function chatScript(): string {
  const head = `wrk.method="POST"\nwrk.headers["content-type"]="application/json"\nwrk.headers["authorization"]="Bearer k"\n`;
  return tempFile('chat.lua', `${head}wrk.body='${CHAT_REQUEST}'\n${REPORT}`);
}

export function getScript(): string {
  return tempFile('get.lua', REPORT);
}

/** Lua that sends different requests one after the other; `formats` fills the table `requests`, once, before the start. */
export function manyRequestsScript(name: string, formats: string): string {
  const body = `local requests, at = {}, 0
init = function(args)
  ${formats}
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
${REPORT}`;
  return tempFile(`${name}.lua`, body);
}

/** One run of wrk against one target. */
export async function load(target: Target, options: LoadOptions): Promise<LoadResult> {
  const { path, script, seconds, connections = 64, cpu } = options;
  const before = cpuMicroseconds(target.pid);
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script];
  const output = await run({ command: ['wrk', ...flags, `http://127.0.0.1:${target.port}${path}`], cpu });
  const usedMicroseconds = cpuMicroseconds(target.pid) - before;
  const report = /REPORT (\{.*\})/.exec(output);
  if (report === null) throw new Error(`wrk said:\n${output}`);
  const figures = JSON.parse(report[1]) as Record<'requests' | 'duration' | 'errors' | 'p50' | 'p95' | 'p99', number>;
  if (figures.requests === 0) throw new Error(`${target.name} answered nothing:\n${output}`);
  return {
    requestsPerSecond: figures.requests / (figures.duration / 1e6),
    errors: figures.errors,
    p50Ms: figures.p50 / 1000,
    p95Ms: figures.p95 / 1000,
    p99Ms: figures.p99 / 1000,
    cpuMicrosecondsPerRequest: usedMicroseconds / figures.requests,
  };
}

export const LOAD_HEADER = [
  '| target | req/s | CPU µs/req | p50 ms | p95 ms | p99 ms | errors |',
  '|---|---|---|---|---|---|---|',
];

/** A line of the table: medians over the rounds, errors added up. */
export function loadRow(name: string, results: readonly LoadResult[]): string {
  const of = (pick: (result: LoadResult) => number, digits: number): string =>
    median(results.map(pick)).toFixed(digits);
  const cells = [
    of((result) => result.requestsPerSecond, 0),
    of((result) => result.cpuMicrosecondsPerRequest, 1),
    of((result) => result.p50Ms, 2),
    of((result) => result.p95Ms, 2),
    of((result) => result.p99Ms, 2),
    countErrors(results),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

export function countErrors(results: readonly LoadResult[]): number {
  return results.reduce((sum, result) => sum + result.errors, 0);
}
