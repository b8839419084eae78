// The frame around every bench: options, verdicts in the first lines, saved results, and an end without leftovers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll, showLogs } from './processes.ts';

export interface BenchOptions {
  /** Length of one measurement. */
  readonly seconds: number;
  readonly rounds: number;
  /** Short enough for a look; figures of a quick run are not to be quoted. */
  readonly isQuick: boolean;
  readonly words: readonly string[];
  /** Peers named by `--with a,b`. */
  readonly peers: readonly string[];
}

/** One figure and whether it is where it should be. */
export interface Verdict {
  readonly figure: string;
  readonly bar: string;
  readonly isMet: boolean;
}

export interface Report {
  readonly verdicts: readonly Verdict[];
  readonly lines: readonly string[];
}

export interface Bench {
  readonly name: string;
  readonly defaults: { readonly seconds: number; readonly rounds: number };
  readonly quick: { readonly seconds: number; readonly rounds: number };
  measure(options: BenchOptions): Promise<Report>;
}

function readOptions({ defaults, quick }: Bench): BenchOptions & { readonly save: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      with: { type: 'string', default: '' },
    },
  });
  const usual = values.quick ? quick : defaults;
  return {
    seconds: positive('seconds', values.seconds ?? usual.seconds),
    rounds: Math.ceil(positive('rounds', values.rounds ?? usual.rounds)),
    isQuick: values.quick,
    save: values.save,
    words: positionals,
    peers: values.with.split(',').filter((name) => name !== ''),
  };
}

function positive(name: string, value: string | number): number {
  if (!(Number(value) > 0)) throw new Error(`--${name} takes a number above 0`);
  return Number(value);
}

export function machine(): string {
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return `${processor}, ${availableParallelism()} CPUs, Linux ${release()}, Node ${process.versions.node}`;
}

export function verdictLine({ figure, bar, isMet }: Verdict): string {
  return `${figure} (bar ${bar}: ${isMet ? 'met' : 'MISSED'})`;
}

/** Writes bench/results/DATE-name.md. */
export function saveResult(name: string, lines: readonly string[]): string {
  const folder = join(import.meta.dirname, '../../results');
  mkdirSync(folder, { recursive: true });
  const now = new Date().toISOString();
  const file = join(folder, `${now.slice(0, 10)}-${name}.md`);
  writeFileSync(file, `# ${name}\n\n${now.slice(0, 16).replace('T', ' ')} UTC; ${machine()}\n\n${lines.join('\n')}\n`);
  return file;
}

/** Runs a bench from the command line. Ends with 1 when a bar is missed, so that scripts can tell. */
export async function runBench(bench: Bench): Promise<void> {
  const endSoon = (): void => void endAll().then(() => process.exit(130));
  process.once('SIGINT', endSoon);
  process.once('SIGTERM', endSoon);
  try {
    const options = readOptions(bench);
    const report = await bench.measure(options);
    const lines = [...report.verdicts.map(verdictLine), '', ...report.lines];
    console.log(lines.join('\n'));
    if (options.save) saveResult([bench.name, ...options.words].join('-'), markdown(report));
    process.exitCode = report.verdicts.every((verdict) => verdict.isMet) ? 0 : 1;
    showLogs('bugs');
  } catch (error) {
    showLogs('all');
    throw error;
  } finally {
    await endAll();
  }
}

function markdown({ verdicts, lines }: Report): readonly string[] {
  return [...verdicts.map((verdict) => `- ${verdictLine(verdict)}`), '', ...lines];
}
