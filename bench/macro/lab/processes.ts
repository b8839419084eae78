// Starts and ends the programs of a measurement, pinned to CPUs where asked. Every bench ends through `endAll`, so that
// nothing is left running beside the next one.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const NODE = join(import.meta.dirname, '../../../node_modules/.bin/node');

/** How long a program may take to end by itself: the gateway drains open connections first. */
const END_WAIT_MS = 3000;

const MOST_LOG_CHARACTERS = 20_000;

const children = new Set<ChildProcess>();
const logs = new Map<string, string>();
let folder: string | undefined;

/** The folder of this measurement's files, removed at the end. */
export function workFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  return folder;
}

export function tempFile(name: string, text: string): string {
  const path = join(workFolder(), name);
  writeFileSync(path, text);
  return path;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

export interface StartOptions {
  readonly command: readonly string[];
  /** CPU list as taskset takes it; none = wherever the kernel likes. */
  readonly cpu?: string | undefined;
  readonly stdout?: 'ignore' | 'pipe';
  /** Keeps what it says to people out of the report; shown when the bench fails, see `showLogs`. */
  readonly isQuiet?: boolean;
}

function keepLog(name: string, text: string): void {
  logs.set(name, `${logs.get(name) ?? ''}${text}`.slice(-MOST_LOG_CHARACTERS));
}

/** What quiet programs said that somebody should see: all of it after a failure, else only bugs. */
export function showLogs(extent: 'all' | 'bugs'): void {
  for (const [name, text] of logs) {
    if (extent === 'all' || /^bug/m.test(text)) console.error(`${name} said:\n${text}`);
  }
}

/** Starts a program. Its process id is the program's own: taskset replaces itself. */
export function start({ command, cpu, stdout = 'ignore', isQuiet = false }: StartOptions): ChildProcess {
  const [program, ...parameters] = cpu === undefined ? command : ['taskset', '-c', cpu, ...command];
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const child = spawn(program, parameters, {
    stdio: ['ignore', stdout, isQuiet ? 'pipe' : 'inherit'],
    env: { ...process.env, PATH: path },
  });
  children.add(child);
  child.stderr?.on('data', (chunk: Buffer) => keepLog(command.join(' '), chunk.toString()));
  child.on('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`);
  });
  child.on('exit', () => children.delete(child));
  return child;
}

/** Runs a program to its end and gives its output; anything but a clean end is an error. */
export async function run(options: Omit<StartOptions, 'stdout'>): Promise<string> {
  const child = start({ ...options, stdout: 'pipe' });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${options.command.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WAIT_MS);
  await ended;
  clearTimeout(timer);
}

export async function endAll(): Promise<void> {
  await Promise.all([...children].map(end));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** Waits until a URL answers with success. */
export async function waitFor(url: string, timeoutMs = 20_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < until) {
    try {
      const reply = await fetch(url);
      await reply.arrayBuffer();
      if (reply.ok) return;
      last = `status ${reply.status}`;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`${url} did not come up`, { cause: last });
}
