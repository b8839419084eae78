// Runs the streaming upstream and the streaming clients (programs/) as processes of their own.
import { join } from 'node:path';
import type { FirstTokenOptions, FirstTokenResult } from '../programs/first-token.ts';
import type { StreamClientsOptions, StreamClientsResult } from '../programs/stream-clients.ts';
import type { StreamUpstreamOptions } from '../programs/stream-upstream.ts';
import { freePort, NODE, run, start, waitFor } from './processes.ts';

export type { FirstTokenResult } from '../programs/first-token.ts';
export type { StreamClientsResult } from '../programs/stream-clients.ts';

const PROGRAMS = join(import.meta.dirname, '../programs');

export interface StreamUpstream extends Omit<StreamUpstreamOptions, 'port'> {
  readonly cpu?: string | undefined;
}

/** Returns its port. */
export async function startStreamUpstream({ cpu, ...options }: StreamUpstream): Promise<number> {
  const port = await freePort();
  start({ command: [NODE, join(PROGRAMS, 'stream-upstream.ts'), JSON.stringify({ ...options, port })], cpu });
  await waitFor(`http://127.0.0.1:${port}/`);
  return port;
}

export interface StreamLoad extends StreamClientsOptions {
  readonly cpu?: string | undefined;
}

export async function readStreams({ cpu, ...options }: StreamLoad): Promise<StreamClientsResult> {
  const output = await run({ command: [NODE, join(PROGRAMS, 'stream-clients.ts'), JSON.stringify(options)], cpu });
  return JSON.parse(output) as StreamClientsResult;
}

export interface FirstTokenLoad extends FirstTokenOptions {
  readonly cpu?: string | undefined;
}

export async function readFirstTokens({ cpu, ...options }: FirstTokenLoad): Promise<FirstTokenResult> {
  const output = await run({ command: [NODE, join(PROGRAMS, 'first-token.ts'), JSON.stringify(options)], cpu });
  return JSON.parse(output) as FirstTokenResult;
}
