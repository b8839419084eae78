// Runs the open-loop generator (programs/open-loop.ts) as a process of its own and reads what it found.
import { join } from 'node:path';
import type { OpenLoopOptions, OpenLoopResult } from '../programs/open-loop.ts';
import { CHAT_PATH, CHAT_REQUEST } from './chat.ts';
import { NODE, run } from './processes.ts';

export type { OpenLoopResult } from '../programs/open-loop.ts';

export interface ConstantLoad {
  readonly port: number;
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly warmUpRequests?: number;
  readonly connections?: number;
  readonly cpu?: string | undefined;
}

const PROGRAM = join(import.meta.dirname, '../programs/open-loop.ts');

/** Chat completions at a constant rate. */
export async function loadConstantly(options: ConstantLoad): Promise<OpenLoopResult> {
  const { cpu, warmUpRequests = 0, connections = 64, ...rest } = options;
  const head = `POST ${CHAT_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${rest.port}\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\n`;
  const request = `${head}content-length: ${CHAT_REQUEST.length}\r\n\r\n${CHAT_REQUEST}`;
  const full: OpenLoopOptions = { ...rest, warmUpRequests, connections, request };
  return JSON.parse(await run({ command: [NODE, PROGRAM, JSON.stringify(full)], cpu })) as OpenLoopResult;
}
