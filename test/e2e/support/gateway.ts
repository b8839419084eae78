// A whole gateway for end-to-end tests: bin/switchyard as a process of its own on free ports, talked to over HTTP.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** As an operator starts it. */
export const PROGRAM = resolve(import.meta.dirname, '../../../bin/switchyard');
const START_LIMIT_MS = 20_000;

export interface GatewayOptions {
  /** Text of the configuration; JSON is YAML, so objects are taken too. Written to a folder of its own. */
  readonly config?: string | object;
  /** More files in that folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class TestGateway {
  /** `http://127.0.0.1:port` of the first listener and of the admin server. */
  readonly url: string;
  readonly adminUrl: string;
  readonly folder: string;
  readonly process: ChildProcess;
  readonly exited: Promise<Exit>;
  private readonly output: Output;

  constructor(parts: { folder: string; process: ChildProcess; exited: Promise<Exit>; output: Output; ports: Ports }) {
    this.folder = parts.folder;
    this.process = parts.process;
    this.exited = parts.exited;
    this.output = parts.output;
    this.url = `http://127.0.0.1:${parts.ports.listener}`;
    this.adminUrl = `http://127.0.0.1:${parts.ports.admin}`;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get stdout(): string {
    return this.output.stdout;
  }

  get stderr(): string {
    return this.output.stderr;
  }

  /** Access log lines written so far. */
  get accessLog(): readonly Record<string, unknown>[] {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line));
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, init);
  }

  admin(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.adminUrl + path, init);
  }

  /** Replaces the configuration as editors and deployments do: whole, by rename. */
  writeConfig(config: string | object): void {
    writeConfig(this.folder, config);
  }

  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.process.kill(signal);
    return this.exited;
  }
}

interface Ports {
  readonly listener: number;
  readonly admin: number;
}

class Output {
  stdout = '';
  stderr = '';
}

function writeConfig(folder: string, config: string | object): string {
  const path = join(folder, 'gateway.yaml');
  writeFileSync(`${path}.new~`, typeof config === 'string' ? config : JSON.stringify(config));
  renameSync(`${path}.new~`, path);
  return path;
}

/** Waits until `isTrue` gives something truthy; the time limit is only for tests that fail. */
export async function until<T>(what: string, isTrue: () => T | Promise<T>, limitMs = 10_000): Promise<NonNullable<T>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await isTrue();
    if (value) return value as NonNullable<T>;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Runs one command of the program to its end. */
export async function runSwitchyard(
  args: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  const child = spawn(PROGRAM, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exit = await whenClosed(child);
  return { ...exit, ...output };
}

function collect(child: ChildProcess): Output {
  const output = new Output();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return output;
}

function whenClosed(child: ChildProcess): Promise<Exit> {
  return new Promise((resolveExit) => {
    child.once('close', (code, signal) => resolveExit({ code, signal }));
  });
}

/** The ports are chosen by the system and read from the start-up lines. */
function readPorts(stderr: string): Ports | undefined {
  const listener = /listening on \S+?:(\d+) /.exec(stderr);
  const admin = /admin on \S+?:(\d+)\n/.exec(stderr);
  return listener === null || admin === null ? undefined : { listener: Number(listener[1]), admin: Number(admin[1]) };
}

/** Starts a gateway, waits until it is ready, and ends it with the test. */
export async function startTestGateway(context: TestContext, options: GatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), text);
  const files = options.config === undefined ? [] : [writeConfig(folder, options.config)];
  const child = spawn(PROGRAM, ['run', ...files, '--port', '0', '--admin-port', '0', ...(options.args ?? [])], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exited = whenClosed(child);
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
  });
  context.after(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  const ports = await until(
    'the gateway starts',
    () => {
      if (hasExited) throw new Error(`the gateway ended instead of starting: ${output.stderr}`);
      return readPorts(output.stderr);
    },
    START_LIMIT_MS,
  );
  return new TestGateway({ folder, process: child, exited, output, ports });
}
