// 10,000 POST a second on two cores that proxy, load and upstream share: latencies from the time each request was due,
// against nginx at the same rate in the same run.
// `node bench/macro/constant-rate.ts [requests per second] [--seconds 5] [--rounds 5] [--save]`
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { aiConfig } from './lab/configs.ts';
import { loadConstantly, type OpenLoopResult } from './lab/open-loop.ts';
import { cpuMicroseconds } from './lab/proc.ts';
import { inTurn } from './lab/rounds.ts';
import { median, pairedRatio } from './lab/statistics.ts';
import { startGateway, startNginx, startUpstream, type Target } from './lab/targets.ts';

const BAR = 1.3;

interface Measured extends OpenLoopResult {
  readonly cpuMicrosecondsPerRequest: number;
}

function row(name: string, results: readonly Measured[]): string {
  const of = (pick: (result: Measured) => number): string => median(results.map(pick)).toFixed(2);
  const figures = [
    median(results.map((result) => result.answeredPerSecond)).toFixed(0),
    of((result) => result.cpuMicrosecondsPerRequest),
    of((result) => result.p50Ms),
    of((result) => result.p95Ms),
    of((result) => result.p99Ms),
    of((result) => result.maxMs),
    results.reduce((sum, result) => sum + result.failed, 0),
  ];
  return `| ${name} | ${figures.join(' | ')} |`;
}

async function measure({ words, seconds, rounds }: BenchOptions): Promise<Report> {
  const rate = Number(words[0] ?? 10_000);
  const upstream = await startUpstream({ workers: 1 });
  const targets = [
    await startGateway(aiConfig(upstream), { workers: 2 }),
    await startNginx({ workers: 2, upstream }),
  ] as const;
  const at = async (target: Target): Promise<Measured> => {
    const load = { port: target.port, requestsPerSecond: rate, requests: rate * seconds, warmUpRequests: rate };
    const before = cpuMicroseconds(target.pid);
    const result = await loadConstantly(load);
    const requests = load.requests + load.warmUpRequests;
    return { ...result, cpuMicrosecondsPerRequest: (cpuMicroseconds(target.pid) - before) / requests };
  };
  for (const target of targets) await at(target);
  const [ours, theirs] = await inTurn(targets, rounds, at);
  const p99 = pairedRatio(ours, theirs, (result) => result.p99Ms);
  const failed = ours.reduce((sum, result) => sum + result.failed, 0);
  return {
    verdicts: [
      {
        figure: `${rate} POST/s: p99 ÷ nginx ${p99.toFixed(2)}, failed ${failed}`,
        bar: `≤ ${BAR}, none failed`,
        isMet: p99 <= BAR && failed === 0,
      },
    ],
    lines: [
      `Medians of ${rounds} rounds of ${seconds} s (after 1 s at the same rate), 64 connections, 2 workers each; latency from the time a request was due.`,
      '',
      '| target | answers/s | CPU µs/req | p50 ms | p95 ms | p99 ms | max ms | failed |',
      '|---|---|---|---|---|---|---|---|',
      row('switchyard', ours),
      row('nginx', theirs),
    ],
  };
}

await runBench({
  name: 'constant-rate',
  defaults: { seconds: 5, rounds: 5 },
  quick: { seconds: 2, rounds: 2 },
  measure,
});
