// Relay of AI streams: 500 streams of an event every 20 ms, usage counted. CPU per event against nginx without buffering.
// `node bench/macro/sse.ts [--seconds 2] [--rounds 5] [--save]` (seconds = length of a stream)
import { readMetric } from './lab/admin.ts';
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { STREAM_USAGE } from './lab/chat.ts';
import { aiConfig } from './lab/configs.ts';
import { cpuMicroseconds } from './lab/proc.ts';
import { inTurn } from './lab/rounds.ts';
import { median, pairedRatio } from './lab/statistics.ts';
import { readStreams, type StreamClientsResult, startStreamUpstream } from './lab/streams.ts';
import { startGateway, startNginx, type Target } from './lab/targets.ts';

const BAR = 1.4;
const STREAMS = 500;
const GAP_MS = 20;
const RAMP_MS = 500;
/** Compiled code settles after some 50,000 events: after one round of 25,000 an event still cost a tenth more. */
const WARM_UP_ROUNDS = 2;

interface Measured extends StreamClientsResult {
  readonly cpuMicrosecondsPerEvent: number;
}

/** Events that arrive together cost less: with such delays the figure says little, whatever it is. */
function busyWarning(ours: readonly Measured[], theirs: readonly Measured[]): readonly string[] {
  const slowestMs = Math.max(...[ours, theirs].map((results) => median(results.map((result) => result.p50Ms))));
  if (slowestMs < GAP_MS / 2) return [];
  return [
    '',
    `The machine was too busy for this figure: at a median delay of ${slowestMs.toFixed(0)} ms events were merged.`,
  ];
}

function row(name: string, results: readonly Measured[]): string {
  const of = (pick: (result: Measured) => number): string => median(results.map(pick)).toFixed(2);
  const total = (pick: (result: Measured) => number): number => results.reduce((sum, result) => sum + pick(result), 0);
  const cells = [
    of((result) => result.cpuMicrosecondsPerEvent),
    of((result) => result.p50Ms),
    of((result) => result.p95Ms),
    of((result) => result.p99Ms),
    total((result) => result.complete),
    total((result) => result.cut),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

async function measure({ seconds, rounds }: BenchOptions): Promise<Report> {
  const events = Math.round((seconds * 1000) / GAP_MS);
  const upstream = await startStreamUpstream({ events, gapMs: GAP_MS, wire: 'openai', cpu: '1' });
  const place = { workers: 1, cpu: '0' };
  const gateway = await startGateway(aiConfig(upstream), place);
  const nginx = await startNginx({ ...place, upstream, buffering: 'off' });
  const at = async (target: Target, streams: number): Promise<Measured> => {
    const before = cpuMicroseconds(target.pid);
    const result = await readStreams({ port: target.port, streams, events, rampMs: RAMP_MS, repeatMs: 0, cpu: '1' });
    const used = cpuMicroseconds(target.pid) - before;
    return { ...result, cpuMicrosecondsPerEvent: used / result.contentEvents };
  };
  await inTurn([gateway, nginx], WARM_UP_ROUNDS, (target) => at(target, STREAMS));
  const [ours, theirs] = await inTurn([gateway, nginx], rounds, (target) => at(target, STREAMS));
  const counted = await readMetric(gateway, 'agentgateway_tokens_total', 'type="output"');
  const used = STREAMS * (rounds + WARM_UP_ROUNDS) * STREAM_USAGE.completion_tokens;
  const ratio = pairedRatio(ours, theirs, (result) => result.cpuMicrosecondsPerEvent);
  const cut = ours.reduce((sum, result) => sum + result.cut, 0);
  return {
    verdicts: [
      {
        figure: `SSE: CPU per event ÷ nginx ${ratio.toFixed(2)}, cut ${cut}, output tokens counted ${counted} of ${used}`,
        bar: `≤ ${BAR}, none cut, all counted`,
        isMet: ratio <= BAR && cut === 0 && counted === used,
      },
    ],
    lines: [
      `Medians of ${rounds} rounds; ${STREAMS} streams of ${events} events ${GAP_MS} ms apart, 1 worker on CPU 0, upstream and readers on CPU 1; delay of an event from its writing upstream to its reading.`,
      '',
      '| target | CPU µs/event | p50 ms | p95 ms | p99 ms | complete | cut |',
      '|---|---|---|---|---|---|---|',
      row('switchyard', ours),
      row('nginx', theirs),
      ...busyWarning(ours, theirs),
      ...ours.flatMap((result) => result.samples).map((sample) => `\ncut stream: ${JSON.stringify(sample)}`),
    ],
  };
}

await runBench({ name: 'sse', defaults: { seconds: 2, rounds: 5 }, quick: { seconds: 1, rounds: 2 }, measure });
