// PyPI `openai`, `anthropic`, `google-genai`: one Python process that is told what to say, line by line.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Ask, MatrixClient, Reply, Session, Target } from '../session.ts';

const FOLDER = join(import.meta.dirname, '..', 'python');
const MAKE_LIMIT_MS = 100_000;

/** The interpreter that has the clients, made when it is not there yet, or why there is none. */
export function pythonWithClients(): { readonly path: string } | { readonly missing: string } {
  const made = spawnSync(join(FOLDER, 'make-venv.sh'), { encoding: 'utf8', timeout: MAKE_LIMIT_MS });
  if (made.status === 0) return { path: made.stdout.trim() };
  return {
    missing: made.stderr?.trim().split('\n').at(-1) || 'the official Python clients could not be installed in time',
  };
}

interface Told {
  readonly value?: unknown;
  readonly error?: { readonly status: unknown; readonly message: string };
}

class PythonError extends Error {
  readonly status: unknown;

  constructor({ status, message }: { readonly status: unknown; readonly message: string }) {
    super(message);
    this.status = status;
  }
}

/** One request at a time: answers come in the order of the questions. */
export class PythonClients {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  constructor(path: string) {
    this.process = spawn(path, [join(FOLDER, 'clients.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  async ask(request: object): Promise<unknown> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error('the Python process ended');
    const told = JSON.parse(value) as Told;
    if (told.error !== undefined) throw new PythonError(told.error);
    return told.value;
  }

  close(): void {
    this.process.kill();
  }
}

function inJson(ask: Ask): object {
  return { ...ask, image: ask.image?.toString('base64') };
}

function sessionOf(clients: PythonClients, client: string, { gatewayUrl, headers }: Target): Session {
  const call = (verb: string, more: object): Promise<unknown> =>
    clients.ask({ client, verb, url: gatewayUrl, headers, ...more });
  return {
    say: async (ask) => (await call('say', { ask: inJson(ask) })) as Reply,
    stream: async (ask) => (await call('stream', { ask: inJson(ask) })) as Reply,
    embed:
      client === 'anthropic'
        ? undefined
        : async (model, texts) => (await call('embed', { model, texts })) as readonly (readonly number[])[],
    leave: async (ask) => {
      await call('leave', { ask: inJson(ask) });
    },
  };
}

const FORMAT_OF: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  'google-genai': 'gemini',
};

export function pythonMatrixClients(clients: PythonClients): readonly MatrixClient[] {
  return Object.entries(FORMAT_OF).map(([name, format]) => {
    return { name: `python ${name}`, format, open: (target) => sessionOf(clients, name, target) };
  });
}
